using System.Globalization;

namespace EchoBackend;

/// <summary>The options of the server.</summary>
/// <param name="Port">Where it listens, on all addresses; 0: any free port, on loopback alone.</param>
/// <param name="Text">What it answers.</param>
/// <param name="Certificates">The directory of its certificates; null: it speaks plain HTTP.</param>
internal sealed record EchoOptions(int Port, string Text, string? Certificates)
{
    /// <summary>Of every answer, so that what becomes of an endpoint that fails can be tried.</summary>
    public int StatusCode { get; init; } = 200;

    /// <summary>Before every answer, so that many requests are under way at once.</summary>
    public TimeSpan Delay { get; init; }

    private const int DefaultPort = 5678;

    /// <summary>Reads <c>-name=value</c>, with one dash or two.</summary>
    /// <exception cref="ArgumentException">An option is not known or has no value.</exception>
    public static EchoOptions Parse(IEnumerable<string> args)
    {
        var options = new EchoOptions(DefaultPort, "hello", Certificates: null);
        foreach (var arg in args)
        {
            options = arg.TrimStart('-').Split('=', 2) switch
            {
                ["listen", var address] when ushort.TryParse(address[(address.LastIndexOf(':') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) =>
                    options with { Port = port },
                ["text", var text] => options with { Text = text },
                ["status-code", var code] when ushort.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status is >= 200 and <= 599 =>
                    options with { StatusCode = status },
                ["delay", var delay] when ushort.TryParse(delay, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) =>
                    options with { Delay = TimeSpan.FromMilliseconds(milliseconds) },
                ["certs", { Length: > 0 } directory] => options with { Certificates = directory },
                _ => throw new ArgumentException($"'{arg}': -listen=:PORT, -text=TEXT, -status-code=CODE, -delay=MILLISECONDS or -certs=DIR is expected"),
            };
        }

        return options;
    }
}
