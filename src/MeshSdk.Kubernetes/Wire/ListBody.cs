using System.Text.Json;

namespace MeshSdk.Kubernetes.Wire;

/// <summary>Takes one object of a list.</summary>
/// <param name="json">Good for as long as the call.</param>
internal delegate void ItemReader(ReadOnlySpan<byte> json);

/// <summary>
/// Reads a list as it arrives and hands out its objects one at a time, so that neither a page nor a whole list, of a server that knows no pages, is ever
/// held in memory.
/// </summary>
internal sealed class ListBody
{
    private readonly ItemReader _onItem;
    private JsonReaderState _state = new(new JsonReaderOptions { MaxDepth = 256 });
    private Position _position;
    private bool _hasItems;

    private ListBody(ItemReader onItem) => _onItem = onItem;

    private enum Position
    {
        Start,
        Fields,
        Items,
        End,
    }

    /// <summary>What the list says of itself.</summary>
    private ListHead Head { get; set; } = new("", "");

    /// <exception cref="JsonException">The text is no list.</exception>
    /// <exception cref="EndOfStreamException">The text ends before the list does.</exception>
    public static async Task<ListHead> ReadAsync(ByteWindow window, ItemReader onItem, Func<CancellationToken> nextDeadline)
    {
        var body = new ListBody(onItem);
        while (true)
        {
            window.Advance(body.Scan(window.Unread));
            if (body._position == Position.End)
            {
                return body.Head;
            }

            if (!await window.FillAsync(nextDeadline()).ConfigureAwait(false))
            {
                throw new EndOfStreamException("the list was cut off");
            }
        }
    }

    /// <summary>Uses as many bytes as make whole values, and says how many.</summary>
    private int Scan(ReadOnlySpan<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes, isFinalBlock: false, _state);
        while (_position != Position.End)
        {
            var before = reader;
            if (!Step(ref reader, bytes))
            {
                reader = before;
                break;
            }
        }

        _state = reader.CurrentState;
        return (int)reader.BytesConsumed;
    }

    /// <summary>False: the next value is not all there yet.</summary>
    private bool Step(ref Utf8JsonReader reader, ReadOnlySpan<byte> bytes)
    {
        if (!reader.Read())
        {
            return false;
        }

        switch (_position)
        {
            case Position.Start:
                Expect(ref reader, JsonTokenType.StartObject, "a list is expected");
                _position = Position.Fields;
                return true;

            case Position.Fields when reader.TokenType == JsonTokenType.EndObject:
                // Whoever answers with some other object has not said that there is nothing.
                _position = _hasItems ? Position.End : throw new JsonException("a list is expected, found an object without items");
                return true;

            case Position.Fields:
                return Field(ref reader, bytes);

            case Position.Items when reader.TokenType == JsonTokenType.EndArray:
                _position = Position.Fields;
                return true;

            default:
                var start = (int)reader.TokenStartIndex;
                if (!reader.TrySkip())
                {
                    return false;
                }

                _onItem(bytes[start..(int)reader.BytesConsumed]);
                return true;
        }
    }

    private bool Field(ref Utf8JsonReader reader, ReadOnlySpan<byte> bytes)
    {
        var isItems = reader.ValueTextEquals("items"u8);
        var isMetadata = reader.ValueTextEquals("metadata"u8);
        if (!reader.Read())
        {
            return false;
        }

        if (isItems && reader.TokenType == JsonTokenType.Null)
        {
            _hasItems = true;
            return true;
        }

        if (isItems)
        {
            Expect(ref reader, JsonTokenType.StartArray, "a list of items is expected");
            _hasItems = true;
            _position = Position.Items;
            return true;
        }

        var start = (int)reader.TokenStartIndex;
        if (!reader.TrySkip())
        {
            return false;
        }

        if (isMetadata)
        {
            Head = ListHead.Read(bytes[start..(int)reader.BytesConsumed]);
        }

        return true;
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType expected, string message)
    {
        if (reader.TokenType != expected)
        {
            throw new JsonException($"{message}, found {reader.TokenType}");
        }
    }
}
