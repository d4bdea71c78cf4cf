using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using MeshSdk.Sources.Manifests;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Protobuf;
using MeshSdk.Testing.Schemas;
using Microsoft.AspNetCore.Http;

namespace MeshSdk.Testing.Http;

/// <summary>Reads what a client has sent, whichever of JSON, YAML and protobuf it is.</summary>
internal static class RequestBody
{
    /// <summary>Bytes, as in a real API server.</summary>
    private const int MaxLength = 3 * 1024 * 1024;

    /// <exception cref="ApiException">413.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var body = new ArrayBufferWriter<byte>();
        while (true)
        {
            var read = await request.BodyReader.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (body.WrittenCount + read.Buffer.Length > MaxLength)
            {
                // What was read is given back, so that the connection can be drained and the answer gets through.
                request.BodyReader.AdvanceTo(read.Buffer.End);
                throw new ApiException(413, "RequestEntityTooLarge", $"Request entity too large: limit is {MaxLength}");
            }

            foreach (var segment in read.Buffer)
            {
                body.Write(segment.Span);
            }

            request.BodyReader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return body.WrittenMemory;
            }
        }
    }

    /// <summary>Without parameters; JSON where none is stated.</summary>
    public static string MediaTypeOf(HttpRequest request) =>
        request.ContentType is { Length: > 0 } type ? type.Split(';', 2)[0].Trim().ToLowerInvariant() : "application/json";

    /// <param name="duplicates">The paths of fields that are there twice; the last one counts.</param>
    /// <exception cref="ApiException">400: it cannot be read. 415: it is in another format.</exception>
    public static JsonObject Parse(IObjectSemantics semantics, string mediaType, ReadOnlyMemory<byte> body, out IReadOnlyList<string> duplicates)
    {
        duplicates = [];
        return mediaType switch
        {
            "application/json" => ObjectReader.Read(body.Span, out duplicates),
            "application/yaml" or "application/apply-patch+yaml" => ParseYaml(body, out duplicates),
            ProtobufBody.MediaType => semantics.DecodeProtobuf(body),
            _ => throw ApiException.UnsupportedMediaType(
                "the body of the request was in an unknown format - accepted media types include: " +
                $"application/json, application/yaml, {ProtobufBody.MediaType}"),
        };
    }

    /// <summary>What is said of fields that are there twice: an error under Strict, else, where wanted, warnings.</summary>
    public static IReadOnlyList<string> Judge(IReadOnlyList<string> duplicates, FieldValidation validation)
    {
        var problems = duplicates.Select(path => $"duplicate field \"{path}\"").ToArray();
        return problems.Length > 0 && validation == FieldValidation.Strict
            ? throw ApiException.BadRequest($"strict decoding error: {string.Join(", ", problems)}")
            : validation == FieldValidation.Warn ? problems : [];
    }

    private static JsonObject ParseYaml(ReadOnlyMemory<byte> body, out IReadOnlyList<string> duplicates)
    {
        var text = Encoding.UTF8.GetString(body.Span);
        duplicates = [];
        return JsonDocumentReader.Accepts(text) ? ObjectReader.Read(body.Span, out duplicates) : ObjectReader.ReadYaml(text);
    }
}
