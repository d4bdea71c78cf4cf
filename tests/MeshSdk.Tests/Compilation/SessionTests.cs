using CsCheck;
using MeshSdk.Compilation;
using MeshSdk.Model;

namespace MeshSdk.Tests.Compilation;

public sealed class SessionTests
{
    private static readonly SessionPersistence Default = new() { Carrier = SessionCarrier.Cookie, Name = SessionCompiler.DefaultName("HTTPRoute ns/r rule 0") };

    public static TheoryData<string, object> Valid => new()
    {
        { "{}", Default },
        { """{"type": null, "cookie": {"name": null}}""", Default },
        { """{"sessionName": "s"}""", Default with { Name = "s" } },
        { """{"sessionName": "s", "type": "Cookie", "cookieConfig": {"lifetimeType": "Session"}}""", Default with { Name = "s" } },
        {
            """{"sessionName": "s", "absoluteTimeout": "1h", "cookieConfig": {"lifetimeType": "Permanent"}}""",
            Default with { Name = "s", IsPermanent = true, AbsoluteTimeout = TimeSpan.FromHours(1) }
        },
        { """{"absoluteTimeout": "90s"}""", Default with { AbsoluteTimeout = TimeSpan.FromSeconds(90) } },
        { """{"sessionName": "x-s", "type": "Header"}""", new SessionPersistence { Carrier = SessionCarrier.Header, Name = "x-s" } },
        { """{"type": "Cookie", "cookie": {"name": "c", "path": "/shop"}}""", Default with { Name = "c", CookiePath = "/shop" } },
        {
            """{"absoluteTimeout": "1m", "cookie": {"lifetimeType": "Permanent"}}""",
            Default with { IsPermanent = true, AbsoluteTimeout = TimeSpan.FromMinutes(1) }
        },
        { """{"type": "Header", "header": {"name": "x-s"}}""", new SessionPersistence { Carrier = SessionCarrier.Header, Name = "x-s" } },
        { """{"type": "Header"}""", Default with { Carrier = SessionCarrier.Header } },
    };

    [Theory]
    [MemberData(nameof(Valid))]
    public void Both_shapes_are_understood(string json, object expected)
    {
        var (session, diagnostics) = Compile(json);
        Assert.Equal((SessionPersistence)expected, session);
        Assert.Empty(diagnostics);
    }

    [Theory]
    [InlineData("""[]""", "")]
    [InlineData(""" "Cookie" """, "")]
    [InlineData("""{"type": "Cookies"}""", ".type")]
    [InlineData("""{"type": 1}""", ".type")]
    [InlineData("""{"absoluteTimeout": "soon"}""", ".absoluteTimeout")]
    [InlineData("""{"absoluteTimeout": "0s"}""", ".absoluteTimeout")]
    [InlineData("""{"absoluteTimeout": 10}""", ".absoluteTimeout")]
    [InlineData("""{"sessionName": "a b"}""", ".sessionName")]
    [InlineData("""{"sessionName": ""}""", ".sessionName")]
    [InlineData("""{"sessionName": "Content-Type", "type": "Header"}""", ".sessionName")]
    [InlineData("""{"sessionName": "cookie", "type": "Header"}""", ".sessionName")]
    [InlineData("""{"cookie": {"name": "a=b"}}""", ".cookie.name")]
    [InlineData("""{"cookie": {"path": "shop"}}""", ".cookie.path")]
    [InlineData("""{"cookie": {"path": "/; Secure"}}""", ".cookie.path")]
    [InlineData("""{"cookie": "c"}""", ".cookie")]
    [InlineData("""{"cookie": {"lifetimeType": "Forever"}}""", ".cookie.lifetimeType")]
    [InlineData("""{"cookie": {"lifetimeType": "Permanent"}}""", ".absoluteTimeout")]
    [InlineData("""{"cookieConfig": {"lifetimeType": "Permanent"}}""", ".absoluteTimeout")]
    [InlineData("""{"type": "Header", "cookie": {"name": "c"}}""", ".cookie")]
    [InlineData("""{"type": "Header", "cookieConfig": {}}""", ".cookieConfig")]
    [InlineData("""{"type": "Cookie", "header": {"name": "x-s"}}""", ".header")]
    [InlineData("""{"type": "Header", "header": {"name": "Host"}}""", ".header.name")]
    public void What_cannot_be_understood_is_named_and_keeps_no_sessions(string json, string field)
    {
        var (session, diagnostics) = Compile(json);
        Assert.Null(session);
        Assert.Equal([$"Error UnsupportedValue spec.rules[0].sessionPersistence{field}"], diagnostics.Codes());
    }

    [Fact]
    public void The_field_that_was_dropped_is_ignored()
    {
        var (session, diagnostics) = Compile("""{"sessionName": "s", "idleTimeout": "10s"}""");
        Assert.Equal("s", session!.Name);
        Assert.Equal(["Warning Ignored spec.rules[0].sessionPersistence.idleTimeout"], diagnostics.Codes());
    }

    [Fact]
    public void None_is_none()
    {
        var (session, diagnostics) = Compile("null");
        Assert.Null(session);
        Assert.Empty(diagnostics);
    }

    [Fact]
    public void Names_that_are_left_out_are_the_rules_own()
    {
        var rule = Given.Rule(Given.Backend("a")) with { SessionPersistence = Given.Json("{}") };
        var table = Given.Snapshot(Given.Service("a"), Given.Route("r", "a", rule, rule, rule with { Name = "n" })).Frontend("a").Routes;
        var names = table.Rules.Select(static r => r.Session!.Name).ToArray();

        Assert.Equal(3, names.Distinct().Count());
        Assert.All(names, static name => Assert.Matches("^mesh-session-[0-9a-f]{8}$", name));
    }

    [Fact]
    public void Nothing_that_may_be_written_throws() => Gen.Select(
        Json(1), Json(1), static (one, other) => $"{{\"type\": {one}, \"absoluteTimeout\": {other}, \"sessionName\": {one}, \"cookie\": {other}, \"cookieConfig\": {one}, \"header\": {other}}}")
        .Sample(static json => Compile(json), iter: 500);

    [Fact]
    public void Endpoints_carry_the_uid_of_their_pod()
    {
        const string Uid = "6f1c1b9e-0d7a-4a44-9d0c-5a9d3cf3c1d2";
        var endpoints = Given.Snapshot(
            Given.Service("a"),
            Given.Slice("s", "a", 80, Given.Endpoint("10.0.0.1", uid: Uid), Given.Endpoint("10.0.0.2", uid: "odd"), Given.Endpoint("10.0.0.3", uid: "odder"), Given.Endpoint("10.0.0.4")))
            .Cluster("a").Endpoints;

        Assert.Equal(Guid.Parse(Uid), endpoints[0].PodId);
        Assert.Equal(3, endpoints.Take(3).Select(static e => e.PodId).Distinct().Count());
        Assert.Equal(Guid.Empty, endpoints[3].PodId);
    }

    private static Gen<string> Json(int depth) => depth == 0
        ? Gen.Int[0, 9].Select(static i => ((string[])["null", "1", "true", "\"Cookie\"", "\"Header\"", "\"1h\"", "\"\"", "\"Permanent\"", "[]", "{}"])[i])
        : Gen.OneOf(Json(0), Gen.Select(Json(0), Json(0), static (a, b) => $"{{\"name\": {a}, \"path\": {b}, \"lifetimeType\": {a}}}"));

    private static (SessionPersistence? Session, MeshDiagnostic[] Diagnostics) Compile(string json)
    {
        var snapshot = Given.Snapshot(
            Given.Service("a"), Given.Route("r", "a", Given.Rule(Given.Backend("a")) with { SessionPersistence = Given.Json(json) }));
        return (snapshot.Frontend("a").Routes.Rules[0].Session, [.. snapshot.AllDiagnostics()]);
    }
}
