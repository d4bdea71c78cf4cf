using System.Text.Json;

namespace MeshSdk.Kubernetes.Wire;

internal enum WatchEventType
{
    /// <summary>One that this version knows nothing of.</summary>
    Unknown,
    Added,
    Modified,
    Deleted,

    /// <summary>Nothing but a newer resource version.</summary>
    Bookmark,

    /// <summary>The object is a Status.</summary>
    Error,
}

/// <summary>One event of a watch, its object as text.</summary>
internal readonly ref struct WatchLine
{
    public WatchEventType Type { get; private init; }

    public ReadOnlySpan<byte> Object { get; private init; }

    /// <summary>False: the line is no event, and what it may have said is not known.</summary>
    public static bool TryRead(ReadOnlySpan<byte> line, out WatchLine found)
    {
        found = default;
        WatchEventType? type = null;
        var (start, end) = (0, 0);
        try
        {
            var reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = 256 });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var (isType, isObject) = (reader.ValueTextEquals("type"u8), reader.ValueTextEquals("object"u8));
                reader.Read();
                if (isType && reader.TokenType == JsonTokenType.String)
                {
                    type = TypeOf(ref reader);
                }
                else if (isObject && reader.TokenType == JsonTokenType.StartObject)
                {
                    start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    end = (int)reader.BytesConsumed;
                }
                else
                {
                    reader.Skip();
                }
            }

            // Anything behind the end of the event shows as a fault of the reader.
            reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }

        if (type is null || (end == 0 && type != WatchEventType.Unknown))
        {
            return false;
        }

        found = new WatchLine { Type = type.Value, Object = line[start..end] };
        return true;
    }

    private static WatchEventType TypeOf(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("ADDED"u8) ? WatchEventType.Added
        : reader.ValueTextEquals("MODIFIED"u8) ? WatchEventType.Modified
        : reader.ValueTextEquals("DELETED"u8) ? WatchEventType.Deleted
        : reader.ValueTextEquals("BOOKMARK"u8) ? WatchEventType.Bookmark
        : reader.ValueTextEquals("ERROR"u8) ? WatchEventType.Error
        : WatchEventType.Unknown;
}
