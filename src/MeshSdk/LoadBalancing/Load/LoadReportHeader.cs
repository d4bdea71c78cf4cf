using System.Buffers;
using System.Net.Http.Headers;

namespace MeshSdk.LoadBalancing.Load;

/// <summary>Finds a load report among headers or trailers, in any of the forms in which servers write it.</summary>
internal static class LoadReportHeader
{
    /// <summary>As gRPC's servers name it, with the message in base64.</summary>
    public const string Binary = "endpoint-load-metrics-bin";

    /// <summary>As others may: <c>TEXT …</c>, <c>JSON …</c>, or <c>BIN …</c> for the message in base64.</summary>
    public const string Any = "endpoint-load-metrics";

    // A report of some numbers is far below this. A longer one is none that anybody meant.
    private const int Longest = 16 * 1024;
    private const int OnStack = 1024;

    /// <returns>False where there is none, or none that can be read; the report must not be used then.</returns>
    public static bool TryRead(HttpResponseHeaders headers, ref LoadReport report)
    {
        // Two reports of one moment contradict each other.
        if (headers.NonValidated.TryGetValues(Binary, out var values))
        {
            return values.Count == 1 && TryReadMessage(values.ToString(), ref report);
        }

        return headers.NonValidated.TryGetValues(Any, out values) && values.Count == 1 && TryRead(values.ToString(), ref report);
    }

    private static bool TryRead(string text, ref LoadReport report) =>
        text.Length <= Longest
        && (text.StartsWith("TEXT ", StringComparison.Ordinal) ? LoadReportText.TryReadPairs(text.AsSpan(5), ref report)
            : text.StartsWith("JSON ", StringComparison.Ordinal) ? LoadReportText.TryReadJson(text[5..], ref report)
            : text.StartsWith("BIN ", StringComparison.Ordinal) && TryReadMessage(text.AsSpan(4), ref report));

    // Servers of gRPC leave the padding out; others do not.
    private static bool TryReadMessage(ReadOnlySpan<char> base64, ref LoadReport report)
    {
        base64 = base64.Trim().TrimEnd('=');
        if (base64.Length is 0 or > Longest)
        {
            return false;
        }

        var length = (base64.Length + 3) / 4 * 4;
        char[]? rentedText = null;
        byte[]? rentedData = null;
        var text = length <= OnStack ? stackalloc char[OnStack] : (rentedText = ArrayPool<char>.Shared.Rent(length));
        var data = length <= OnStack ? stackalloc byte[OnStack] : (rentedData = ArrayPool<byte>.Shared.Rent(length));
        base64.CopyTo(text);
        text[base64.Length..length].Fill('=');
        var isRead = Convert.TryFromBase64Chars(text[..length], data, out var count) && LoadReportMessage.TryRead(data[..count], ref report);
        if (rentedText is not null)
        {
            ArrayPool<char>.Shared.Return(rentedText);
            ArrayPool<byte>.Shared.Return(rentedData!);
        }

        return isRead;
    }
}
