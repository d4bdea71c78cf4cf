using System.Globalization;
using MeshSdk;

namespace EchoBackend;

/// <summary>The options of the server.</summary>
/// <param name="Port">Where it listens, on all addresses; 0: any free port, on loopback alone.</param>
/// <param name="Text">What it answers.</param>
/// <param name="Certificates">The directory of its identity in the mesh; null: it is no member of it, and speaks plain HTTP.</param>
internal sealed record EchoOptions(int Port, string Text, string? Certificates)
{
    /// <summary>Of every answer, so that what becomes of an endpoint that fails can be tried.</summary>
    public int StatusCode { get; init; } = 200;

    /// <summary>Before every answer, so that many requests are under way at once.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Which connections a member of the mesh takes where no PeerAuthentication says so.</summary>
    public PeerAuthenticationMode Mode { get; init; } = PeerAuthenticationMode.Strict;

    /// <summary>Whether a member of the mesh keeps the PeerAuthentications and AuthorizationPolicies of the cluster.</summary>
    public bool FollowsCluster { get; init; }

    /// <summary>Where it tells, in plaintext, a kubelet whether it is ready, at <c>/healthz</c>, and Prometheus its metrics, at <c>/metrics</c>; null: nowhere.</summary>
    public int? HealthPort { get; init; }

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
                ["listen", var address] when PortOf(address) is { } port => options with { Port = port },
                ["text", var text] => options with { Text = text },
                ["status-code", var code] when ushort.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status is >= 200 and <= 599 =>
                    options with { StatusCode = status },
                ["delay", var delay] when ushort.TryParse(delay, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) =>
                    options with { Delay = TimeSpan.FromMilliseconds(milliseconds) },
                ["certs", { Length: > 0 } directory] => options with { Certificates = directory },
                ["mode", "permissive"] => options with { Mode = PeerAuthenticationMode.Permissive },
                ["mode", "strict"] => options with { Mode = PeerAuthenticationMode.Strict },
                ["mode", "disable"] => options with { Mode = PeerAuthenticationMode.Disable },
                ["kubernetes"] => options with { FollowsCluster = true },
                ["health", var address] when PortOf(address) is { } port => options with { HealthPort = port },
                _ => throw new ArgumentException(
                    $"'{arg}': -listen=:PORT, -text=TEXT, -status-code=CODE, -delay=MILLISECONDS, -certs=DIR, -mode=permissive|strict|disable, -kubernetes or " +
                    "-health=:PORT is expected"),
            };
        }

        return options;
    }

    private static int? PortOf(string address) =>
        ushort.TryParse(address[(address.LastIndexOf(':') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : null;
}
