using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Storage;

/// <summary>
/// An object as it is kept: immutable, UTF-8, with the few fields beside it that selectors ask for. The bytes hold neither <c>apiVersion</c> nor
/// <c>kind</c>, so that every served version of a kind is sent from the same bytes, and they begin with the metadata and that with the
/// resourceVersion, so that a new version number or the metadata alone is a matter of copying.
/// </summary>
internal sealed class StoredObject
{
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true, MaxDepth = 1000 };
    private static readonly JsonDocumentOptions ReaderOptions = new() { MaxDepth = 1000 };

    private readonly int _metadataEnd;

    private StoredObject(
        ObjectKey key, long revision, ReadOnlyMemory<byte> content, int metadataEnd, KeyValuePair<string, string>[] labels, string[] fields)
    {
        Key = key;
        Revision = revision;
        Content = content;
        _metadataEnd = metadataEnd;
        Labels = labels;
        Fields = fields;
    }

    public ObjectKey Key { get; }

    /// <summary>The resourceVersion.</summary>
    public long Revision { get; }

    /// <summary>A JSON object without <c>apiVersion</c> and <c>kind</c>.</summary>
    public ReadOnlyMemory<byte> Content { get; }

    /// <summary>As <see cref="Content"/>, but without its opening brace: to be written behind <c>apiVersion</c> and <c>kind</c>.</summary>
    public ReadOnlyMemory<byte> Tail => Content[1..];

    /// <summary>As <see cref="Tail"/>, of the metadata alone and without the closing brace.</summary>
    public ReadOnlyMemory<byte> MetadataTail => Content[1.._metadataEnd];

    public IReadOnlyList<KeyValuePair<string, string>> Labels { get; }

    /// <summary>The values of the kind's <see cref="SelectableFields"/>, in their order.</summary>
    public IReadOnlyList<string> Fields { get; }

    private static ReadOnlySpan<byte> Head => "{\"metadata\":{\"resourceVersion\":\""u8;

    public static StoredObject Encode(ResourceType type, JsonObject content, long revision)
    {
        var metadata = content["metadata"]?.AsObject() ?? [];
        var buffer = new ArrayBufferWriter<byte>(1024);
        int metadataEnd;
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("metadata");

            // What a dry run would have created has none, and is never stored.
            if (revision > 0)
            {
                writer.WriteString("resourceVersion", revision.ToString(CultureInfo.InvariantCulture));
            }

            WriteProperties(writer, metadata, static name => name is not "resourceVersion");
            writer.WriteEndObject();
            metadataEnd = checked((int)(writer.BytesCommitted + writer.BytesPending));
            WriteProperties(writer, content, static name => name is not ("apiVersion" or "kind" or "metadata"));
            writer.WriteEndObject();
        }

        var key = new ObjectKey(StringPool.Share(metadata.Text("namespace") ?? ""), metadata.Text("name") ?? "");
        return new(key, revision, buffer.WrittenSpan.ToArray(), metadataEnd, LabelsOf(metadata), SelectableFields.Read(type, content));
    }

    /// <summary>The same with another resourceVersion.</summary>
    public StoredObject WithRevision(long revision)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(revision, digits, out var length);
        Utf8Formatter.TryFormat(Revision, stackalloc byte[20], out var oldLength);
        var old = Content.Span;
        var content = new byte[old.Length + length - oldLength];
        Head.CopyTo(content);
        digits[..length].CopyTo(content.AsSpan(Head.Length));
        old[(Head.Length + oldLength)..].CopyTo(content.AsSpan(Head.Length + length));
        return new(Key, revision, content, _metadataEnd + length - oldLength, (KeyValuePair<string, string>[])Labels, (string[])Fields);
    }

    /// <summary>A tree of the reader's own, with <c>apiVersion</c> and <c>kind</c> of the version asked for.</summary>
    public JsonObject Parse(ResourceType type)
    {
        var parsed = JsonNode.Parse(Content.Span, documentOptions: ReaderOptions)!.AsObject();
        parsed.Insert(0, "apiVersion", type.ApiVersion);
        parsed.Insert(1, "kind", type.Kind);
        return parsed;
    }

    private static void WriteProperties(Utf8JsonWriter writer, JsonObject properties, Func<string, bool> isWanted)
    {
        foreach (var (name, value) in properties)
        {
            if (!isWanted(name))
            {
                continue;
            }

            writer.WritePropertyName(name);
            if (value is null)
            {
                writer.WriteNullValue();
            }
            else
            {
                value.WriteTo(writer);
            }
        }
    }

    private static KeyValuePair<string, string>[] LabelsOf(JsonObject metadata) =>
        metadata["labels"] is not JsonObject labels ? [] :
        [
            .. labels.Select(label => KeyValuePair.Create(StringPool.Share(label.Key), StringPool.Share(label.Value?.ToString() ?? ""))),
        ];
}
