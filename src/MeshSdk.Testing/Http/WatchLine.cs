using System.Buffers;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Storage;

namespace MeshSdk.Testing.Http;

/// <summary>The lines of a watch: one JSON object each.</summary>
internal static class WatchLine
{
    public static byte[] Error(ApiException refusal) => [.. "{\"type\":\"ERROR\",\"object\":"u8, .. ApiStatus.Of(refusal), .. "}\n"u8];

    public static void Write(IBufferWriter<byte> output, ObjectWire wire, in WatchItem item, bool isFirst)
    {
        switch (item.Kind)
        {
            case WatchItemKind.Raw:
                output.Write(item.Line.Span);
                return;
            case WatchItemKind.Bookmark or WatchItemKind.InitialEventsEnd:
                output.Write("{\"type\":\"BOOKMARK\",\"object\":"u8);
                wire.WriteBookmark(output, item.Revision, item.Kind == WatchItemKind.InitialEventsEnd);
                break;
            default:
                output.Write(item.Kind switch
                {
                    WatchItemKind.Added => "{\"type\":\"ADDED\",\"object\":"u8,
                    WatchItemKind.Modified => "{\"type\":\"MODIFIED\",\"object\":"u8,
                    _ => "{\"type\":\"DELETED\",\"object\":"u8,
                });
                wire.WriteWatched(output, item.Object!, isFirst);
                break;
        }

        output.Write("}\n"u8);
    }
}
