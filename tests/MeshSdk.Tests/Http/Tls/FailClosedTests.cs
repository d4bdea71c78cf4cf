using System.Net;
using MeshSdk.Model;
using MeshSdk.Runtime;
using MeshSdk.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.Http.Tls;

/// <summary>
/// Whatever becomes of the identity of this process, and whatever is known of an endpoint: what must be encrypted is encrypted or refused. What policies
/// make of an endpoint is the matter of compilation; here begins what is made of that.
/// </summary>
public sealed class FailClosedTests : IAsyncDisposable
{
    private static readonly string[] Identities = ["absent", "late", "failing", "present", "comes"];

    // Of the endpoint → over what it is called by somebody with an identity, and by somebody without.
    private static readonly (string Endpoint, string With, string Without)[] Endpoints =
    [
        ("plaintext", "plaintext", "plaintext"),
        ("istio", "tls", "refused"),
        ("istio of nobody", "refused", "refused"),
        ("istio withheld", "refused", "refused"),
        ("istio faulted", "refused", "refused"),
        ("istio without a policy", "refused", "refused"),
        ("simple", "tls", "tls"),
        ("simple faulted", "refused", "refused"),
        ("plaintext withheld", "refused", "refused"),
    ];

    private readonly SecureMesh _secure = new();

    public static TheoryData<string, string, string, bool> Matrix
    {
        get
        {
            var rows = new TheoryData<string, string, string, bool>();
            foreach (var identity in Identities)
            {
                foreach (var (endpoint, with, without) in Endpoints)
                {
                    rows.Add(identity, endpoint, identity is "present" or "comes" ? with : without, false);
                    rows.Add(identity, endpoint, "plaintext", true);
                }
            }

            return rows;
        }
    }

    public ValueTask DisposeAsync() => _secure.DisposeAsync();

    [Theory]
    [MemberData(nameof(Matrix))]
    public async Task What_must_be_encrypted_is_or_is_refused(string identity, string endpoint, string expected, bool isOff)
    {
        await using var plaintext = await EchoServer.StartAsync();
        var secure = await _secure.ServeAsync(options: endpoint == "simple" ? new TlsServerOptions { RequiresCertificate = false } : null);
        var server = expected == "tls" ? secure.EndPoint : plaintext.EndPoint;
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var options = new MeshOptions { Security = isOff ? MeshSecurity.Off : MeshSecurity.On };
        options.Identity.Detect = false;
        var environment = new MeshEnvironment(options) { Time = time };
        var service = Of(endpoint, server);
        var mesh = identity switch
        {
            "absent" => await TestMesh.StartAsync(environment, service),
            "present" when !isOff => await _secure.StartAsync(options, _secure.Authority.Issue(SecureMesh.Caller), environment, service),
            _ => await _secure.StartAsync(options, certificate: null, environment, service),
        };
        await using var owned = identity == "absent" ? mesh : null;
        if (identity == "failing")
        {
            _secure.Identity.Fail("the agent is not there");
        }

        using var client = mesh.CreateClient(options: new MeshClientOptions { RecordCalls = true });
        var call = client.GetAsync("http://backend/");
        if (identity == "comes")
        {
            await Eventually.HoldsAsync(() => call.IsCompleted || mesh.Endpoint().ActiveRequests == 1, "the request is under way");
            _secure.Identity.Publish(_secure.Authority.Issue(SecureMesh.Caller));
        }

        await Eventually.HoldsAsync(() =>
        {
            // Until nobody waits for an identity any more. Where there is one, time has no part in it.
            if (identity is "late" or "failing")
            {
                time.Advance(TimeSpan.FromSeconds(1));
            }

            return call.IsCompleted;
        });

        using var response = await call;
        var found = response.IsSuccessStatusCode ? plaintext.Requests == 1 ? "plaintext" : "tls" : "refused";
        Assert.True(expected == found, $"{identity}, {endpoint}: {found} ({response.ReasonPhrase})");
        Assert.Equal(expected == "refused" ? (503, "UF") : (200, "-"), ((int)response.StatusCode, response.GetMeshCall()!.Flags));
        if (expected != "plaintext")
        {
            Assert.Equal(0, plaintext.Connections);
        }
    }

    [Theory]
    [MemberData(nameof(Matrix))]
    public async Task Nor_is_it_sent_in_the_place_of_sockets(string identity, string endpoint, string expected, bool isOff)
    {
        var sent = 0;
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var options = new MeshOptions
        {
            Security = isOff ? MeshSecurity.Off : MeshSecurity.On,
            TransportFactory = new AnsweringTransport(() =>
            {
                Interlocked.Increment(ref sent);
                return new HttpResponseMessage(HttpStatusCode.OK);
            }),
        };
        options.Identity.Detect = false;
        var environment = new MeshEnvironment(options) { Time = time };
        var service = Of(endpoint, new IPEndPoint(IPAddress.Loopback, 1));
        var mesh = identity switch
        {
            "absent" => await TestMesh.StartAsync(environment, service),
            "present" when !isOff => await _secure.StartAsync(options, _secure.Authority.Issue(SecureMesh.Caller), environment, service),
            _ => await _secure.StartAsync(options, certificate: null, environment, service),
        };
        await using var owned = identity == "absent" ? mesh : null;
        using var client = mesh.CreateClient();
        var call = client.GetAsync("http://backend/");
        if (identity == "comes")
        {
            _secure.Identity.Publish(_secure.Authority.Issue(SecureMesh.Caller));
        }

        await Eventually.HoldsAsync(() =>
        {
            if (identity is "late" or "failing")
            {
                time.Advance(TimeSpan.FromSeconds(1));
            }

            return call.IsCompleted;
        });

        using var response = await call;
        Assert.Equal(expected == "refused" ? (503, 0) : (200, 1), ((int)response.StatusCode, sent));
    }

    [Fact]
    public async Task When_there_is_nothing_to_wait_for_it_is_refused_at_once()
    {
        await using var server = await EchoServer.StartAsync();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var options = new MeshOptions();
        var mesh = await _secure.StartAsync(options, certificate: null, new MeshEnvironment(options) { Time = time }, Of("istio", server.EndPoint));
        time.Advance(options.Startup.Timeout);
        using var client = mesh.CreateClient(options: new MeshClientOptions { RecordCalls = true });

        using var response = await client.GetAsync("http://backend/");

        Assert.Equal((503, 0), ((int)response.StatusCode, response.GetMeshCall()!.Attempts));
        Assert.StartsWith("test/backend:80 wants the TLS of DestinationRule test/backend: ", response.ReasonPhrase, StringComparison.Ordinal);
    }

    private static ServiceModel Of(string endpoint, IPEndPoint server)
    {
        var plain = Snapshots.Service("backend", server);
        var istio = plain.WantingTls();
        var tls = istio.Clusters[0].Tls!;
        var simple = tls with { Mode = TlsMode.Simple, ServerName = "backend.example", Trust = TlsTrust.System, SkipsVerification = true };
        return endpoint switch
        {
            "plaintext" => plain,
            "istio" => istio,
            "istio of nobody" => Change(istio, static e => e with { SubjectAltNames = [] }),
            "istio withheld" => Change(istio, static e => e with { Withheld = "its pod is not known" }),
            "istio faulted" => istio.Clustered(static c => c with { Tls = c.Tls! with { Fault = "it cannot be read" } }),
            "istio without a policy" => istio.Clustered(static c => c with { Tls = null }),
            "simple" => plain.WantingTls(simple),
            "simple faulted" => plain.WantingTls(simple with { Fault = "it cannot be read" }),
            "plaintext withheld" => Change(plain, static e => e with { Withheld = "its pod is not known" }),
            _ => throw new ArgumentOutOfRangeException(nameof(endpoint), endpoint, null),
        };
    }

    private static ServiceModel Change(ServiceModel service, Func<EndpointModel, EndpointModel> change) =>
        service.Clustered(c => c with { Endpoints = [.. c.Endpoints.Select(change)] });
}
