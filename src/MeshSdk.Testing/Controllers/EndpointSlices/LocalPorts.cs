using System.Collections.Immutable;
using System.Globalization;

namespace MeshSdk.Testing.Controllers.EndpointSlices;

/// <summary>
/// The annotation with which several pods of one address keep one container port: <c>meshsdk.dev/local-ports: "5678=41234,8080=41235"</c>
/// maps container ports to the ports on which processes of this machine really listen. Slices then carry the real numbers, so that a Service
/// with <c>targetPort: 5678</c> works although all its pods are <c>127.0.0.1</c>. No real cluster knows it.
/// </summary>
internal static class LocalPorts
{
    public const string Annotation = "meshsdk.dev/local-ports";

    /// <summary>Entries that are no pair of ports are passed over.</summary>
    public static ImmutableSortedDictionary<int, int> Parse(string? annotation)
    {
        var ports = ImmutableSortedDictionary.CreateBuilder<int, int>();
        foreach (var entry in (annotation ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var pair = entry.Split('=', StringSplitOptions.TrimEntries);
            if (pair.Length == 2 && TryPort(pair[0], out var container) && TryPort(pair[1], out var real))
            {
                ports[container] = real;
            }
        }

        return ports.ToImmutable();
    }

    public static string Format(IEnumerable<KeyValuePair<int, int>> ports) =>
        string.Join(',', ports.Select(port => string.Create(CultureInfo.InvariantCulture, $"{port.Key}={port.Value}")));

    private static bool TryPort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= 65535;
}
