using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace MeshSdk.Model;

/// <summary>An origin that a response may be shared with, as <c>https://*.example.com:8443</c>: the port is that of the scheme where none is stated.</summary>
/// <param name="Scheme">Null: any origin at all, <c>null</c> included.</param>
/// <param name="Host">Where <paramref name="AnyBelow"/>, what the host has to end with; empty then means any host.</param>
/// <param name="Port">The port.</param>
/// <param name="AnyBelow">Whether any labels, one at least, stand before <paramref name="Host"/>.</param>
internal readonly record struct CorsOrigin(string? Scheme, string Host, int Port, bool AnyBelow)
{
    public static CorsOrigin Any { get; } = new(null, "", 0, AnyBelow: true);

    public static bool TryParse(string? text, out CorsOrigin origin)
    {
        origin = Any;
        if (text == CorsFilter.All)
        {
            return true;
        }

        if (!TrySplit(text, out var scheme, out var host, out var port))
        {
            return false;
        }

        var anyBelow = host.StartsWith('*');
        if (anyBelow)
        {
            host = host[1..];
        }

        origin = new CorsOrigin(scheme, host, port, anyBelow);
        return (host.Length > 0 ? host[0] == '.' == anyBelow : anyBelow) && !host.Contains('*', StringComparison.Ordinal);
    }

    /// <summary>Whether the value of an Origin header is meant.</summary>
    public bool Matches(string origin) =>
        Scheme is null
        || (TrySplit(origin, out var scheme, out var host, out var port)
            && port == Port
            && scheme.Equals(Scheme, StringComparison.OrdinalIgnoreCase)
            && (AnyBelow
                ? host.Length > Host.Length && host.EndsWith(Host, StringComparison.OrdinalIgnoreCase)
                : host.Equals(Host, StringComparison.OrdinalIgnoreCase)));

    public override string ToString() =>
        Scheme is null ? CorsFilter.All : $"{Scheme}://{(AnyBelow ? "*" : "")}{Host}{(Port == DefaultPort(Scheme) ? "" : $":{Port}")}";

    private static bool TrySplit(string? text, [NotNullWhen(true)] out string? scheme, [NotNullWhen(true)] out string? host, out int port)
    {
        (scheme, host, port) = (null, null, 0);
        var end = text?.IndexOf("://", StringComparison.Ordinal) ?? -1;
        if (end <= 0)
        {
            return false;
        }

        scheme = text![..end];
        var authority = text[(end + 3)..];

        // The last colon, unless it is one of an IPv6 address.
        var colon = authority.LastIndexOf(':');
        var hasPort = colon > authority.LastIndexOf(']');
        host = hasPort ? authority[..colon] : authority;
        port = DefaultPort(scheme);
        return host.Length > 0
            && !host.AsSpan().ContainsAny('/', '?', '#')
            && (!hasPort || (int.TryParse(authority.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and < 65536));
    }

    private static int DefaultPort(string scheme) => scheme.ToUpperInvariant() switch
    {
        "HTTP" => 80,
        "HTTPS" => 443,
        _ => 0,
    };
}
