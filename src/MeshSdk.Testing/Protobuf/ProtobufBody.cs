using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Protobuf;

/// <summary>Bodies of <c>application/vnd.kubernetes.protobuf</c>, which typed kubectl commands and helm send, and which have no fallback.</summary>
internal static class ProtobufBody
{
    public const string MediaType = "application/vnd.kubernetes.protobuf";

    /// <summary>Deeper than any message of the table nests.</summary>
    private const int MostDepth = 20;

    private static ReadOnlySpan<byte> Magic => "k8s\0"u8;

    /// <summary>The same as JSON, with <c>apiVersion</c> and <c>kind</c>.</summary>
    /// <exception cref="ApiException">415 for a kind that is not in the table; 400 where it cannot be read.</exception>
    public static JsonObject Decode(ReadOnlyMemory<byte> body)
    {
        if (!body.Span.StartsWith(Magic))
        {
            throw ApiException.BadRequest("the body of the request is no Kubernetes protobuf: its first four bytes are not the expected ones");
        }

        try
        {
            return Envelope(body.Span[Magic.Length..]);
        }
        catch (Exception exception) when (exception is FormatException or OverflowException or JsonException)
        {
            throw ApiException.BadRequest("the body of the request is no Kubernetes protobuf: " + exception.Message);
        }
    }

    private static JsonObject Envelope(ReadOnlySpan<byte> message)
    {
        var (version, kind) = ("", "");
        ReadOnlySpan<byte> raw = [];
        for (var reader = new ProtobufReader(message); reader.Next();)
        {
            if (reader.Number == 1)
            {
                for (var type = new ProtobufReader(reader.Content); type.Next();)
                {
                    version = type.Number == 1 ? type.Text : version;
                    kind = type.Number == 2 ? type.Text : kind;
                }
            }
            else if (reader.Number == 2)
            {
                raw = reader.Content;
            }
        }

        if (!ProtobufTable.Messages.TryGetValue(kind, out var fields))
        {
            throw ApiException.UnsupportedMediaType(
                $"this server reads no protobuf of kind {(kind.Length > 0 ? kind : "(none)")}; write the object to a file and use kubectl create -f or kubectl apply -f, which send JSON");
        }

        var content = new JsonObject { ["apiVersion"] = version, ["kind"] = kind };
        Message(raw, fields, content, depth: 0);
        return content;
    }

    private static void Message(ReadOnlySpan<byte> message, FrozenDictionary<int, ProtobufField> fields, JsonObject content, int depth)
    {
        if (depth > MostDepth)
        {
            throw new FormatException("messages nest too deeply");
        }

        for (var reader = new ProtobufReader(message); reader.Next();)
        {
            if (!fields.TryGetValue(reader.Number, out var field))
            {
                continue;
            }

            switch (field.Shape)
            {
                case ProtobufShape.List:
                    content.TryAdd(field.Name, new JsonArray());
                    content[field.Name]!.AsArray().Add(Value(ref reader, field.Type, depth));
                    break;
                case ProtobufShape.Map:
                    content.TryAdd(field.Name, new JsonObject());
                    Entry(reader.Content, field.Type, content[field.Name]!.AsObject(), depth);
                    break;

                // Go writes fields that are not set as empty texts, empty messages and, where there is no pointer, zeros and false.
                case ProtobufShape.Single when Value(ref reader, field.Type, depth) is { } value && !IsEmpty(value, field):
                    content[field.Name] = value;
                    break;
            }
        }
    }

    private static void Entry(ReadOnlySpan<byte> message, string type, JsonObject map, int depth)
    {
        var key = "";
        JsonNode? value = type is "string" or "bytes" ? "" : null;
        for (var reader = new ProtobufReader(message); reader.Next();)
        {
            if (reader.Number == 1)
            {
                key = reader.Text;
            }
            else if (reader.Number == 2)
            {
                value = Value(ref reader, type, depth);
            }
        }

        map[key] = value;
    }

    private static JsonNode? Value(ref ProtobufReader reader, string type, int depth)
    {
        switch (type)
        {
            case "string":
                return reader.Text;
            case "bytes":
                return Convert.ToBase64String(reader.Content);
            case "int":
                return (long)reader.Value;
            case "bool":
                return reader.Value != 0;
            case "time":
                return Time(reader.Content);
            case "int-or-string":
                return IntOrString(reader.Content);
            case "fields":
                return Fields(reader.Content);
            default:
                var content = new JsonObject();
                Message(reader.Content, ProtobufTable.Messages[type], content, depth + 1);
                return content;
        }
    }

    private static bool IsEmpty(JsonNode value, ProtobufField field) => value switch
    {
        JsonObject content => content.Count == 0 && field.Name != "preconditions",
        JsonValue text when text.TryGetValue<string>(out var content) => content.Length == 0,

        // A zero is a value where the field is a pointer in Go.
        JsonValue number when number.TryGetValue<long>(out var content) =>
            content == 0 && field.Name is not ("gracePeriodSeconds" or "timeoutSeconds" or "expirationSeconds" or "deletionGracePeriodSeconds" or "replicas"),
        JsonValue flag when flag.TryGetValue<bool>(out var content) => !content && field.Name is "publishNotReadyAddresses" or "paused",
        _ => false,
    };

    private static JsonNode? Time(ReadOnlySpan<byte> message)
    {
        var seconds = 0L;
        for (var reader = new ProtobufReader(message); reader.Next();)
        {
            seconds = reader.Number == 1 ? (long)reader.Value : seconds;
        }

        return message.IsEmpty || seconds is < -62135596800 or > 253402300799 ? null
            : DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
    }

    private static JsonNode IntOrString(ReadOnlySpan<byte> message)
    {
        var (isText, number, text) = (false, 0, "");
        for (var reader = new ProtobufReader(message); reader.Next();)
        {
            switch (reader.Number)
            {
                case 1:
                    isText = reader.Value == 1;
                    break;
                case 2:
                    number = (int)reader.Value;
                    break;
                case 3:
                    text = reader.Text;
                    break;
            }
        }

        return isText ? text : number;
    }

    private static JsonNode? Fields(ReadOnlySpan<byte> message)
    {
        for (var reader = new ProtobufReader(message); reader.Next();)
        {
            if (reader.Number == 1)
            {
                return JsonNode.Parse(reader.Content);
            }
        }

        return null;
    }
}
