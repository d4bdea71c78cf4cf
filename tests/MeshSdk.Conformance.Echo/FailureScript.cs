using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace MeshSdk.Conformance.Echo;

/// <summary>
/// How a request is to go wrong, as its query says: <c>delay=1s</c> answers late; <c>codes=500:2</c> fails the first two requests of a call;
/// <c>resets=2</c> cuts their connections; <c>fail-delay=100ms</c> lets failures take their time; <c>delays=300ms:2</c> delays the first two only;
/// <c>stream=100ms:5</c> sends five more lines, one every 100 ms.
/// </summary>
internal sealed record FailureScript
{
    private static readonly TimeSpan None = TimeSpan.Zero;

    public TimeSpan Delay { get; private init; }

    /// <summary>0: the connection is cut.</summary>
    public int Code { get; private init; }

    public int Failures { get; private init; }

    public TimeSpan FailDelay { get; private init; }

    public (TimeSpan Span, int Count) FirstDelays { get; private init; }

    public (TimeSpan Span, int Count) Stream { get; private init; }

    /// <exception cref="FormatException">A value cannot be read.</exception>
    public static FailureScript Of(IQueryCollection query)
    {
        var (code, failures) = query.ContainsKey("codes") ? Pair(query["codes"].ToString()) : ("0", Number(query["resets"].ToString(), 0));
        return new FailureScript
        {
            Delay = Duration(query["delay"].ToString()),
            Code = Number(code, 0),
            Failures = failures,
            FailDelay = Duration(query["fail-delay"].ToString()),
            FirstDelays = Spans(query["delays"].ToString()),
            Stream = Spans(query["stream"].ToString()),
        };
    }

    private static (TimeSpan Span, int Count) Spans(string text)
    {
        var (span, count) = Pair(text);
        return (Duration(span), text.Length == 0 ? 0 : count);
    }

    private static (string Value, int Count) Pair(string text)
    {
        var colon = text.LastIndexOf(':');
        return colon < 0 ? (text, 1) : (text[..colon], Number(text[(colon + 1)..], 1));
    }

    private static int Number(string text, int otherwise) =>
        text.Length == 0 ? otherwise : int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    private static TimeSpan Duration(string text) => text switch
    {
        "" => None,
        _ when text.EndsWith("ms", StringComparison.Ordinal) => TimeSpan.FromMilliseconds(Number(text[..^2], 0)),
        _ when text.EndsWith('s') => TimeSpan.FromSeconds(Number(text[..^1], 0)),
        _ => throw new FormatException($"'{text}' is no duration such as 300ms or 1s."),
    };
}
