using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>
/// Session persistence, in both shapes that it has had: <c>sessionName</c> and <c>cookieConfig</c> up to Gateway API 1.6, <c>cookie</c> and
/// <c>header</c> after that. One that cannot be understood keeps no sessions, and the requests are served without.
/// </summary>
internal sealed class SessionCompiler(DiagnosticList diagnostics)
{
    private const int MaximumName = 128;
    private const int MaximumPath = 1024;

    // What HTTP and its transport need for themselves, and content headers, which a response may not have room for.
    private static readonly FrozenSet<string> ReservedHeaders = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "Host", "Cookie", "Set-Cookie", "Authorization", "Proxy-Authorization", "Connection", "Keep-Alive", "Transfer-Encoding", "TE", "Trailer",
        "Upgrade", "Expect", "Date", "Location", "Allow", "Expires", "Last-Modified", "grpc-status", "grpc-message", "traceparent", "tracestate");

    /// <summary>What a cookie or header is called that the object does not name: the same in every process.</summary>
    /// <param name="owner">Who asks for sessions: a rule or a policy.</param>
    public static string DefaultName(string owner) => $"mesh-session-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(owner)).AsSpan(0, 4))}";

    /// <param name="subject">The object.</param>
    /// <param name="source">The field as written; null or JSON null where there is none.</param>
    /// <param name="path">Where in the object it stands.</param>
    /// <param name="owner">See <see cref="DefaultName"/>.</param>
    /// <returns>Null where there is none, or none that can be understood.</returns>
    public SessionPersistence? Compile(Resource subject, JsonElement? source, string path, string owner)
    {
        if (source is not { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } written)
        {
            return null;
        }

        var fields = new SessionFields(written, path);
        var session = Compile(fields, owner);
        if (fields.Fault is { } fault)
        {
            diagnostics.Error(subject, DiagnosticCode.UnsupportedValue, fault.Path, $"{fault.Message}; no sessions are kept");
            return null;
        }

        if (fields.Has("idleTimeout"))
        {
            diagnostics.Warning(
                subject, DiagnosticCode.Ignored, $"{path}.idleTimeout", "sessions end by absoluteTimeout alone; the Gateway API has dropped this field");
        }

        return session;
    }

    private static SessionPersistence Compile(SessionFields fields, string owner)
    {
        var type = fields.Text("type") ?? "Cookie";
        fields.Require(type is "Cookie" or "Header", "type", $"'{type}' is not known; Cookie and Header are");
        var isCookie = type != "Header";
        fields.Require(isCookie || !fields.Has("cookie"), "cookie", "it says something only where the type is Cookie");
        fields.Require(isCookie || !fields.Has("cookieConfig"), "cookieConfig", "it says something only where the type is Cookie");
        fields.Require(!isCookie || !fields.Has("header"), "header", "it says something only where the type is Header");

        var timeout = Timeout(fields);
        return isCookie ? Cookie(fields, owner, timeout) : Header(fields, owner, timeout);
    }

    private static SessionPersistence Cookie(SessionFields fields, string owner, TimeSpan? timeout)
    {
        var (name, nameField) = Name(fields, "cookie", owner);
        fields.Require(IsName(name), nameField, $"'{name}' is no name that a cookie can have");
        var path = fields.Text("cookie.path") ?? "/";
        fields.Require(IsCookiePath(path), "cookie.path", $"'{path}' is no path of a cookie: one begins with '/', and holds no ';'");
        var lifetimeField = fields.Has("cookie.lifetimeType") ? "cookie.lifetimeType" : "cookieConfig.lifetimeType";
        var lifetime = fields.Text(lifetimeField) ?? "Session";
        fields.Require(lifetime is "Session" or "Permanent", lifetimeField, $"'{lifetime}' is not known; Session and Permanent are");
        fields.Require(lifetime != "Permanent" || timeout is not null, "absoluteTimeout", "a cookie whose lifetimeType is Permanent needs it");
        return new SessionPersistence
        {
            Carrier = SessionCarrier.Cookie, Name = name, CookiePath = path, IsPermanent = lifetime == "Permanent", AbsoluteTimeout = timeout,
        };
    }

    private static SessionPersistence Header(SessionFields fields, string owner, TimeSpan? timeout)
    {
        var (name, nameField) = Name(fields, "header", owner);
        fields.Require(
            IsName(name) && !ReservedHeaders.Contains(name) && !name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase),
            nameField, $"'{name}' is no name of a header that a session can be kept in");
        return new SessionPersistence { Carrier = SessionCarrier.Header, Name = name, AbsoluteTimeout = timeout };
    }

    private static (string Name, string Field) Name(SessionFields fields, string carrier, string owner) =>
        fields.Text($"{carrier}.name") is { } name ? (name, $"{carrier}.name") : (fields.Text("sessionName") ?? DefaultName(owner), "sessionName");

    private static TimeSpan? Timeout(SessionFields fields)
    {
        if (fields.Text("absoluteTimeout") is not { } text)
        {
            return null;
        }

        var isValid = GatewayDuration.TryParse(text, out var timeout) && timeout > TimeSpan.Zero;
        fields.Require(isValid, "absoluteTimeout", $"'{text}' is no duration above zero such as 1h30m");
        return timeout;
    }

    private static bool IsName(string name) => name.Length <= MaximumName && MatchSyntax.IsToken(name);

    private static bool IsCookiePath(string path) =>
        path.StartsWith('/') && path.Length <= MaximumPath && !path.AsSpan().ContainsAnyExceptInRange(' ', '~') && !path.Contains(';');
}
