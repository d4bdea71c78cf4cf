using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Storage;
using MeshSdk.Testing.Tables;

namespace MeshSdk.Testing.Http;

/// <summary>
/// Objects of one kind in the form in which a client wants them. Whole objects and metadata are copied from the store's bytes, nothing is parsed for
/// them.
/// </summary>
internal sealed class ObjectWire(IObjectSemantics semantics, ResourceType type, ObjectForm form, IncludeObject include, TimeProvider time)
{
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
    private static readonly byte[] PartialHead = "{\"apiVersion\":\"meta.k8s.io/v1\",\"kind\":\"PartialObjectMetadata\","u8.ToArray();

    private readonly byte[] _head = Encoding.UTF8.GetBytes($"{{\"apiVersion\":\"{type.ApiVersion}\",\"kind\":\"{type.Kind}\",");

    /// <summary>One object as a document of its own, in pieces.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Single(StoredObject stored) => form switch
    {
        ObjectForm.Whole => [_head, stored.Tail],
        ObjectForm.Metadata => [PartialHead, stored.MetadataTail, "}"u8.ToArray()],
        _ => [Table([stored], withColumns: true, new() { ["resourceVersion"] = Text(stored.Revision) })],
    };

    /// <summary>An object within a watch: of a table only the first has the columns.</summary>
    public void WriteWatched(IBufferWriter<byte> output, StoredObject stored, bool isFirst)
    {
        switch (form)
        {
            case ObjectForm.Whole:
                output.Write(_head);
                output.Write(stored.Tail.Span);
                break;
            case ObjectForm.Metadata:
                output.Write(PartialHead);
                output.Write(stored.MetadataTail.Span);
                output.Write("}"u8);
                break;
            default:
                output.Write(Table([stored], isFirst, new() { ["resourceVersion"] = Text(stored.Revision) }).Span);
                break;
        }
    }

    /// <summary>An object of which nothing is known but the version: a bookmark's.</summary>
    public void WriteBookmark(IBufferWriter<byte> output, long revision, bool endsInitialEvents)
    {
        var metadata = new JsonObject { ["resourceVersion"] = Text(revision), ["creationTimestamp"] = null };
        if (endsInitialEvents)
        {
            metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
        }

        var bookmark = form switch
        {
            ObjectForm.Whole => new JsonObject { ["kind"] = type.Kind, ["apiVersion"] = type.ApiVersion, ["metadata"] = metadata },
            ObjectForm.Metadata => new JsonObject { ["kind"] = "PartialObjectMetadata", ["apiVersion"] = "meta.k8s.io/v1", ["metadata"] = metadata },
            _ => new JsonObject
            {
                ["kind"] = "Table",
                ["apiVersion"] = "meta.k8s.io/v1",
                ["metadata"] = new JsonObject { ["resourceVersion"] = Text(revision) },
                ["columnDefinitions"] = null,
                ["rows"] = new JsonArray(new JsonObject
                {
                    ["cells"] = new JsonArray(),
                    ["object"] = new JsonObject { ["kind"] = type.Kind, ["apiVersion"] = type.ApiVersion, ["metadata"] = metadata },
                }),
            },
        };
        output.Write(JsonSerializer.SerializeToUtf8Bytes(bookmark, JsonContext.Default.JsonObject));
    }

    /// <summary>A page of a list, in pieces.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> List(ListPage page)
    {
        var metadata = new JsonObject { ["resourceVersion"] = Text(page.Revision) };
        if (page.Continue is { } token)
        {
            metadata["continue"] = token;
        }

        if (page.Remaining is { } remaining)
        {
            metadata["remainingItemCount"] = remaining;
        }

        return form == ObjectForm.Table ? [Table(page.Items, withColumns: true, metadata)] : Items(page.Items, metadata);
    }

    private IEnumerable<ReadOnlyMemory<byte>> Items(IReadOnlyList<StoredObject> items, JsonObject metadata)
    {
        var (kind, version) = form == ObjectForm.Metadata ? ("PartialObjectMetadataList", "meta.k8s.io/v1") : (type.ListKind, type.ApiVersion);
        yield return Encoding.UTF8.GetBytes($"{{\"kind\":\"{kind}\",\"apiVersion\":\"{version}\",\"metadata\":{metadata.ToJsonString()},\"items\":[");
        var comma = ","u8.ToArray();
        var brace = "}"u8.ToArray();
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
            {
                yield return comma;
            }

            if (form == ObjectForm.Metadata)
            {
                yield return PartialHead;
                yield return items[i].MetadataTail;
                yield return brace;
            }
            else if (type.IsCustom)
            {
                yield return _head;
                yield return items[i].Tail;
            }
            else
            {
                // A real API server does not repeat apiVersion and kind within lists of its own kinds; clients that need them there fail here too.
                yield return items[i].Content;
            }
        }

        yield return "]}"u8.ToArray();
    }

    private ReadOnlyMemory<byte> Table(IReadOnlyList<StoredObject> items, bool withColumns, JsonObject metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            semantics.WriteTable(writer, type, items.Select(item => item.Parse(type)), include, withColumns, metadata, time.GetUtcNow());
        }

        return buffer.WrittenMemory;
    }

    private static string Text(long revision) => revision.ToString(CultureInfo.InvariantCulture);
}

/// <param name="Remaining">How many objects there are behind the page; null where that is not told.</param>
internal sealed record ListPage(long Revision, IReadOnlyList<StoredObject> Items, string? Continue, int? Remaining);
