using System.Globalization;
using System.Text.RegularExpressions;

namespace MeshSdk.Compilation.Filters;

/// <summary>What may stand in a Host header or in the host of a Location.</summary>
internal static partial class HostSyntax
{
    private const int Longest = 253;

    /// <summary>A name without wildcards.</summary>
    public static bool IsName(string host) => host.Length <= Longest && Name().IsMatch(host);

    /// <summary>A name, perhaps with a port.</summary>
    public static bool IsAuthority(string authority)
    {
        var colon = authority.IndexOf(':', StringComparison.Ordinal);
        return colon < 0
            ? IsName(authority)
            : IsName(authority[..colon])
                && int.TryParse(authority.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536;
    }

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
