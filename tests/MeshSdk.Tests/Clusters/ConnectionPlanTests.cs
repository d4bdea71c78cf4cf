using System.Collections.Immutable;
using MeshSdk.Clusters;
using MeshSdk.LoadBalancing;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;
using MeshSdk.Transport;

namespace MeshSdk.Tests.Clusters;

/// <summary>Which changes keep the connections of an endpoint, and what they are like.</summary>
public sealed class ConnectionPlanTests : IDisposable
{
    private readonly ClusterState _cluster = New(new TransportSettings());

    public void Dispose() => _cluster.Dispose();

    private static ClusterState New(TransportSettings settings) =>
        new(Snapshots.Cluster("backend"), new LoadBalancingPolicies(new Random(1)), settings);

    [Theory]
    [InlineData(1, 6)]
    [InlineData(100, 60)]
    public void Connections_that_show_the_certificate_of_a_policy_live_a_tenth_of_it_and_an_hour_at_most(int hours, int minutes)
    {
        using var authority = new MeshSdk.Testing.MeshCertificateAuthority();
        var own = authority.Issue(null, new() { Subject = "CN=client", Lifetime = TimeSpan.FromHours(hours) });
        var endpoint = Apply(Model(TlsMode.Mutual, change: tls => tls with
        {
            Credential = new TlsCredential { Certificate = own.ChainPem, Key = new SecretText(own.KeyPem) },
        }));

        Assert.InRange(endpoint.Plan.TlsLifetime, TimeSpan.FromMinutes(minutes / 2), TimeSpan.FromMinutes(minutes + 1));
    }

    // Every text and every set is made anew, as when a configuration is read again.
    private static ClusterModel Model(
        TlsMode mode = TlsMode.Istio, string? identity = Snapshots.Identity, string? withheld = null, Func<ClusterTls, ClusterTls>? change = null,
        int endpoints = 1)
    {
        var tls = new ClusterTls
        {
            Source = New("DestinationRule test/rule"),
            Mode = mode,
            ServerName = New("outbound_.80_._.backend.test.svc.cluster.local"),
            DnsNames = [New("b.example"), New("a.example")],
            Uris = [New("https://a.example/")],
            Trust = mode == TlsMode.Istio
                ? new TlsTrust { Kind = TlsTrustKind.Mesh, Revocations = New("crl") }
                : new TlsTrust { Kind = TlsTrustKind.Given, Authorities = New("pem") },
            Credential = mode == TlsMode.Mutual ? new TlsCredential { Certificate = New("pem"), Key = new SecretText(New("key")) } : null,
        };
        return new ClusterModel
        {
            Id = Snapshots.Cluster("backend"),
            Host = "backend",
            LoadBalancer = LoadBalancerKind.RoundRobin,
            Tls = change?.Invoke(tls) ?? tls,
            Endpoints =
            [
                .. Enumerable.Range(1, endpoints).Select(i => Snapshots.Endpoint($"10.0.0.{i}") with
                {
                    Tls = mode,
                    SubjectAltNames = identity is null ? [] : [New("spiffe://old.example/ns/test/sa/backend"), New(identity)],
                    Withheld = withheld,
                }),
            ],
        };

        static string New(string text) => new(text.AsSpan());
    }

    private EndpointState Apply(ClusterModel model)
    {
        _cluster.Apply(model);
        return Assert.Single(_cluster.Usable);
    }

    [Theory]
    [InlineData(nameof(TlsMode.Istio))]
    [InlineData(nameof(TlsMode.Simple))]
    [InlineData(nameof(TlsMode.Mutual))]
    public void A_configuration_that_is_merely_read_again_keeps_them(string mode)
    {
        var before = Apply(Model(Enum.Parse<TlsMode>(mode)));
        Assert.NotNull(before.Plan.Tls);
        Assert.Same(before, Apply(Model(Enum.Parse<TlsMode>(mode))));
    }

    [Fact]
    public void Endpoints_that_come_and_go_change_nothing_for_those_that_stay()
    {
        _cluster.Apply(Model(endpoints: 3));
        EndpointState[] before = [.. _cluster.Usable];
        _cluster.Apply(Model(endpoints: 5));
        Assert.Equal(before, _cluster.Usable.Take(3));
        Assert.Equal(before[0].Plan, _cluster.Usable[4].Plan);
        Assert.Same(_cluster.Usable[3].Plan, _cluster.Usable[4].Plan); // those of one account share it
    }

    public static TheoryData<string> Changes => ["mode", "identity", "sni", "trust", "skips", "none"];

    [Theory]
    [MemberData(nameof(Changes))]
    public void A_change_makes_new_ones_and_keeps_what_is_known_of_the_endpoint(string change)
    {
        var before = Apply(Model());
        before.IsEjected = false;
        Assert.True(before.TryAcquire());

        var after = Apply(change switch
        {
            "mode" => Model(TlsMode.Simple),
            "identity" => Model(identity: "spiffe://cluster.local/ns/test/sa/other"),
            "sni" => Model(change: static tls => tls with { ServerName = "other" }),
            "trust" => Model(change: static tls => tls with { Trust = tls.Trust with { Revocations = "other" } }),
            "skips" => Model(change: static tls => tls with { SkipsVerification = true }),
            _ => Model(TlsMode.None, change: static _ => null!) with { Tls = null },
        });

        Assert.NotSame(before, after);
        Assert.Equal(before.JoinedAt, after.JoinedAt);
        Assert.True(before.IsReplaced);
        Assert.True(before.IsRetired);
        Assert.Equal(1, _cluster.Draining); // until its request is over
        before.Release();
        Assert.Equal(0, _cluster.Draining);
    }

    [Fact]
    public void Identities_mean_nothing_to_TLS_that_a_policy_has_for_all_endpoints()
    {
        var before = Apply(Model(TlsMode.Simple));
        Assert.Same(before, Apply(Model(TlsMode.Simple, identity: "spiffe://cluster.local/ns/test/sa/other")));
    }

    [Fact]
    public void With_security_off_all_of_it_is_plaintext()
    {
        using var cluster = New(new TransportSettings { IgnoresTls = true });
        foreach (var model in (ImmutableArray<ClusterModel>)[Model(), Model(identity: null), Model(withheld: "who it is"), Model(change: Fault)])
        {
            cluster.Apply(model);
            var endpoint = Assert.Single(cluster.Usable);
            Assert.True(endpoint.Plan.IsPlaintext);
            Assert.Null(endpoint.Refusal());
        }
    }

    public static TheoryData<string, string> Refusals => new()
    {
        { "fault", "the TLS of DestinationRule test/rule: ca.pem is no certificate" },
        { "withheld", "the TLS of DestinationRule test/rule: its pod is not known" },
        { "nobody", "the TLS of DestinationRule test/rule: nobody can tell which identity an endpoint of it has to prove" },
        { "no policy", "wants TLS: nothing says of which kind" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void What_cannot_be_had_is_refused_and_there_is_no_way_to_a_connection(string case_, string reason)
    {
        var endpoint = Apply(case_ switch
        {
            "fault" => Model(change: Fault),
            "withheld" => Model(withheld: "its pod is not known"),
            "nobody" => Model(identity: null),
            _ => Model() with { Tls = null },
        });

        Assert.Contains(reason, endpoint.Refusal(), StringComparison.Ordinal);
        Assert.StartsWith("test/backend:80 wants ", endpoint.Refusal(), StringComparison.Ordinal);
        Assert.True(endpoint.TryAcquire());
        Assert.Throws<InvalidOperationException>(() => endpoint.Connections(HttpProtocol.Http1, TransportProfile.Default));
        Assert.Throws<InvalidOperationException>(() => endpoint.Connections(HttpProtocol.Http2, TransportProfile.Default));
        endpoint.Release();
    }

    [Fact]
    public void Of_an_endpoint_in_plaintext_nothing_is_asked_though_others_of_its_cluster_do_TLS()
    {
        var model = Model(endpoints: 2);
        _cluster.Apply(model with { Endpoints = [model.Endpoints[0], model.Endpoints[1] with { Tls = TlsMode.None, SubjectAltNames = [] }] });
        Assert.Equal([false, true], _cluster.Usable.Select(static e => e.Plan.IsPlaintext));
    }

    private static ClusterTls Fault(ClusterTls tls) => tls with { Fault = "ca.pem is no certificate" };
}
