using System.Globalization;
using System.Net;
using MeshSdk.Identity.Certificates;

namespace MeshSdk.Identity.Istiod;

/// <summary>Where the authority is and what it must prove to be called. Never one that a token would reach in plaintext.</summary>
/// <param name="Host">A name or an IP address, without brackets.</param>
/// <param name="Port">The port.</param>
/// <param name="ServerName">The DNS name that its certificate must have.</param>
internal sealed record IstiodAddress(string Host, int Port, string ServerName)
{
    private const string DefaultServerName = "istiod.istio-system.svc";
    private const string Secure = "https://";
    private const int PlaintextPort = 15010;

    /// <param name="text"><c>host:port</c>, with or without <c>https://</c>.</param>
    /// <param name="serverName">See <see cref="IstiodSettings.ServerName"/>.</param>
    /// <exception cref="IssuanceException">It cannot be used, or must not be.</exception>
    public static IstiodAddress Parse(string? text, string? serverName)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new IssuanceException(
                IssuanceFailure.Refused, $"no address of a certificate authority is given: set {IstiodSettings.AddressVariable}, or the option Address");
        }

        var rest = text.Trim();
        if (rest.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
        {
            throw Unusable(text, "a token is never sent in plaintext; istiod speaks TLS at port 15012");
        }

        rest = rest.StartsWith(Secure, StringComparison.OrdinalIgnoreCase) ? rest[Secure.Length..].TrimEnd('/') : rest;
        var colon = rest.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(rest.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
        {
            throw Unusable(text, "it has to be host:port, as in istiod.istio-system.svc:15012");
        }

        if (port == PlaintextPort)
        {
            throw Unusable(text, "istiod's port 15010 is plaintext, in which a token is never sent; it speaks TLS at port 15012");
        }

        var host = rest[..colon];
        host = host is ['[', .. var inner, ']'] ? inner : host;
        if (Uri.CheckHostName(host) is UriHostNameType.Unknown or UriHostNameType.Basic || (host.Contains(':') && rest[0] != '['))
        {
            throw Unusable(text, "its host is neither a name nor an IP address (IPv6 in brackets)");
        }

        return new(host, port, NameOf(host, serverName));
    }

    /// <summary>For messages.</summary>
    public override string ToString() => Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    // Certificates of istiod, and of what stands in for it, have the name of their Service in the form NAME.NAMESPACE.svc. By an IP address, a forwarded port
    // or a name in front of the cluster it is still istiod that is to answer.
    private static string NameOf(string host, string? configured)
    {
        if (!string.IsNullOrWhiteSpace(configured))
        {
            return Uri.CheckHostName(configured.Trim()) == UriHostNameType.Dns
                ? configured.Trim()
                : throw new IssuanceException(
                    IssuanceFailure.Refused, $"'{RemoteText.Clean(configured)}' ({IstiodSettings.ServerNameVariable}) is no DNS name, which a certificate authority has to prove");
        }

        return !IPAddress.TryParse(host, out _) && host.Split('.') is [var name, var space, var svc, ..] && svc.Equals("svc", StringComparison.OrdinalIgnoreCase)
            ? $"{name}.{space}.svc".ToLowerInvariant()
            : DefaultServerName;
    }

    private static IssuanceException Unusable(string text, string why) =>
        new(IssuanceFailure.Refused, $"'{RemoteText.Clean(text)}' is no address of a certificate authority ({IstiodSettings.AddressVariable}): {why}");
}
