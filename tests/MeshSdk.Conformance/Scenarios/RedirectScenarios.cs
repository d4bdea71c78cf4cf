using MeshSdk.Conformance.Cases;
using static MeshSdk.Conformance.Scenarios.Table;

namespace MeshSdk.Conformance.Scenarios;

/// <summary>Redirects, with the whole of their target.</summary>
internal static class RedirectScenarios
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        Gateway("httproute-redirect-host-and-status", "HTTPRoute", HostAndStatus("http")),
        Gateway("httproute-redirect-path", "HTTPRoutePathRedirect", Path("http://gateway")),
        Gateway("httproute-redirect-port", "HTTPRoutePortRedirect", Port("gateway")),
        Gateway("httproute-redirect-scheme", "HTTPRouteSchemeRedirect", Scheme("gateway")),
        Gateway("httproute-redirect-303", "HTTPRoute303RedirectStatusCode", Redirect("/redirect", 303, "http://gateway/redirect")),
        Gateway("httproute-redirect-307", "HTTPRoute307RedirectStatusCode", Redirect("/temporary", 307, "http://gateway/temporary")),
        Gateway("httproute-redirect-308", "HTTPRoute308RedirectStatusCode", Redirect("/permanent", 308, "http://gateway/permanent")),
        Gateway("httproute-redirect-port-and-scheme", "HTTPRoutePortRedirect", PortAndScheme()),
    ];

    public static IReadOnlyList<Case> HostAndStatus(string scheme) =>
    [
        Redirect("/hostname-redirect", 302, $"{scheme}://example.org/hostname-redirect"),
        Redirect("/hostname-redirect?kept=1", 302, $"{scheme}://example.org/hostname-redirect?kept=1"),
        Redirect("/host-and-status", 301, $"{scheme}://example.org/host-and-status"),
    ];

    public static IReadOnlyList<Case> Path(string origin) =>
    [
        Redirect("/original-prefix/lemon", 302, $"{origin}/replacement-prefix/lemon"),
        Redirect("/full/path/original", 302, $"{origin}/full-path-replacement"),
        Redirect("/path-and-host", 302, "http://example.org/replacement-prefix"),
        Redirect("/path-and-status", 301, $"{origin}/replacement-prefix"),
        Redirect("/full-path-and-host", 302, "http://example.org/replacement-full"),
        Redirect("/full-path-and-status", 301, $"{origin}/replacement-full"),
    ];

    public static IReadOnlyList<Case> Port(string host) =>
    [
        Redirect("/port", 302, $"http://{host}:8083/port"),
        Redirect("/port-and-host", 302, "http://example.org:8083/port-and-host"),
        Redirect("/port-and-status", 301, $"http://{host}:8083/port-and-status"),
        Redirect("/port-and-host-and-status", 302, "http://example.org:8083/port-and-host-and-status"),
    ];

    public static IReadOnlyList<Case> Scheme(string host) =>
    [
        Redirect("/scheme", 302, $"https://{host}/scheme"),
        Redirect("/scheme-and-host", 302, "https://example.org/scheme-and-host"),
        Redirect("/scheme-and-status", 301, $"https://{host}/scheme-and-status"),
        Redirect("/scheme-and-host-and-status", 302, "https://example.org/scheme-and-host-and-status"),
    ];

    private static IReadOnlyList<Case> PortAndScheme()
    {
        static Case To(string origin, string path, string target) => Redirect(origin + path, 302, target + path);
        return
        [
            To("http://gateway", "/scheme-nil-and-port-nil", "http://example.org"),
            To("http://gateway", "/scheme-nil-and-port-80", "http://example.org"),
            To("http://gateway", "/scheme-nil-and-port-8080", "http://example.org:8080"),
            To("http://gateway", "/scheme-https-and-port-nil", "https://example.org"),
            To("http://gateway", "/scheme-https-and-port-443", "https://example.org"),
            To("http://gateway", "/scheme-https-and-port-8443", "https://example.org:8443"),
            To("http://gateway:8080", "/scheme-nil-and-port-nil", "http://example.org:8080"),
            To("http://gateway:8080", "/scheme-nil-and-port-80", "http://example.org"),
            To("http://gateway:8080", "/scheme-https-and-port-nil", "https://example.org"),
            To("https://gateway", "/scheme-nil-and-port-nil", "https://example.org"),
            To("https://gateway", "/scheme-nil-and-port-443", "https://example.org"),
            To("https://gateway", "/scheme-nil-and-port-8443", "https://example.org:8443"),
            To("https://gateway", "/scheme-http-and-port-nil", "http://example.org"),
            To("https://gateway", "/scheme-http-and-port-80", "http://example.org"),
            To("https://gateway", "/scheme-http-and-port-8080", "http://example.org:8080"),
        ];
    }
}
