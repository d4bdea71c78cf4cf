using MeshSdk.Conformance.Cases;
using static MeshSdk.Conformance.Scenarios.Table;

namespace MeshSdk.Conformance.Scenarios;

/// <summary>Cross-origin requests: preflights that the mesh answers, and responses that it marks.</summary>
internal static class CorsScenarios
{
    private const string Plain = "/cors-behavior-creds-false";
    private const string Credentials = "/cors-behavior-creds-true";
    private const string Wildcard = "/cors-wildcard-creds-false";
    private const string WildcardCredentials = "/cors-wildcard-creds-true";

    private const string Origin = "Access-Control-Allow-Origin";
    private const string Methods = "Access-Control-Allow-Methods";
    private const string Headers = "Access-Control-Allow-Headers";
    private const string Exposed = "Access-Control-Expose-Headers";
    private const string MaxAge = "Access-Control-Max-Age";
    private const string Allowed = "Access-Control-Allow-Credentials";

    public static IReadOnlyList<Scenario> All { get; } =
    [
        Gateway("httproute-cors", "HTTPRouteCORS", [
            .. new[] { "https://www.foo.com", "https://www.bar.com", "https://xpto.www.bar.com", "http://a.foo.com", "http://www.foo.com:12345" }
                .Select(static origin => Preflight(Plain, origin, "GET", "x-header-1, x-header-2", (Origin, [origin]), (Methods, ["GET", "OPTIONS"]),
                    (Headers, ["x-header-1", "x-header-2"]), (MaxAge, ["3600"]), (Allowed, null))),
            .. new[] { "https://foobar.com", "https://www.foobar.com", "http://www.bar.com", "https://www.foo.com:12345", "null" }
                .Select(static origin => Refused(Plain, origin)),
            Simple(Plain, "https://www.foo.com", (Origin, ["https://www.foo.com"]), (Exposed, ["x-header-3", "x-header-4"]), (Allowed, null)),
            Simple(Plain, "https://evil.example", (Origin, null)),
            Preflight(Credentials, "https://www.foo.com", "GET", "x-header-1", (Origin, ["https://www.foo.com"]), (Allowed, ["true"]), (MaxAge, ["5"])),
            Simple(Credentials, "https://www.foo.com", (Origin, ["https://www.foo.com"]), (Allowed, ["true"])),
            Case.That($"preflight {Wildcard} → any origin", static run => WildcardAsync(run)),
            Preflight(WildcardCredentials, "https://any.example", "PUT", "x-any", (Origin, ["https://any.example"]), (Methods, ["PUT"]), (Headers, ["x-any"]), (Allowed, ["true"])),
            Simple(WildcardCredentials, "https://any.example", (Origin, ["https://any.example"]), (Allowed, ["true"])),
            Case.That("OPTIONS that is no preflight goes to the backend", static run => run.CheckAsync(Call.Send("OPTIONS", Plain), Expected.From(V1))),
        ]),
    ];

    /// <param name="headers">The response's headers, each with the items that its list has to hold; null: that must not be there.</param>
    private static Case Preflight(string path, string origin, string method, string asks, params (string Name, string[]? Items)[] headers) => Case.That(
        $"preflight {path} from {origin} → allowed",
        run => run.ConvergeAsync(async () =>
        {
            var answer = await run.SendAsync(Call.Send(
                "OPTIONS", path, ("Origin", origin), ("Access-Control-Request-Method", method), ("Access-Control-Request-Headers", asks)));
            return answer is { Status: 200 or 204, Pod: null } && Holds(answer, headers) ? null : $"{answer}";
        }));

    private static Case Refused(string path, string origin) => Case.That($"preflight {path} from {origin} → refused", run => run.ConvergeAsync(async () =>
    {
        var answer = await run.SendAsync(Call.Send("OPTIONS", path, ("Origin", origin), ("Access-Control-Request-Method", "GET")));
        return answer is { Status: 200 or 204 or 403, Pod: null } && answer.Header(Origin) is null ? null : $"{answer}";
    }));

    private static Case Simple(string path, string origin, params (string Name, string[]? Items)[] headers) => Case.That(
        $"GET {path} from {origin} → {(headers[0].Items is null ? "not marked" : "marked")}",
        run => run.CheckAsync(Call.Get(path, ("Origin", origin)), Expected.From(V1), answer => Holds(answer, headers) ? null : "the marks are others"));

    private static Task WildcardAsync(Run run) => run.ConvergeAsync(async () =>
    {
        var answer = await run.SendAsync(Call.Send("OPTIONS", Wildcard, ("Origin", "https://any.example"), ("Access-Control-Request-Method", "PUT")));
        return answer is { Status: 200 or 204, Pod: null } && answer.Header(Origin) is "*" or "https://any.example" && answer.Header(Allowed) is null
            && (answer.Header(Methods) is "*" || Items(answer, Methods).Contains("PUT"))
            ? null
            : $"{answer}";
    });

    private static bool Holds(Answer answer, (string Name, string[]? Items)[] headers) => headers.All(header =>
        header.Items is null
            ? answer.Header(header.Name) is null
            : Items(answer, header.Name).Order(StringComparer.Ordinal).SequenceEqual(header.Items.Order(StringComparer.Ordinal)));

    private static string[] Items(Answer answer, string name) => (answer.Header(name) ?? "").Split(',', StringSplitOptions.TrimEntries);
}
