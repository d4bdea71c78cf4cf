using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using MeshSdk.Identity.Istiod;
using MeshSdk.Identity.Tests.Fixtures;
using MeshSdk.Testing;

namespace MeshSdk.Identity.Tests.Istiod;

/// <summary>Against a real gRPC server over TLS; waits pass by a clock of the test's.</summary>
public sealed class IstiodSourceTests : IDisposable
{
    private static readonly TimeSpan Call = TimeSpan.FromSeconds(77);
    private static readonly TimeSpan RootInterval = TimeSpan.FromDays(2);
    private readonly SteppingTime _time = new() { Limits = { Call } };
    private readonly TemporaryFolder _folder = new();
    private readonly RecordingSink _sink = new();
    private readonly MeshCertificateAuthority _authority;
    private readonly string _token = Jwt.Token(serial: 1);

    public IstiodSourceTests()
    {
        _authority = new("Mesh", _time);
        _folder.Write("root-cert.pem", _authority.RootPem);
        _folder.Write("token", _token);
    }

    [Fact]
    public async Task The_identity_is_that_of_the_token()
    {
        await using var istiod = await StartAsync();
        await using var source = Run(istiod);

        var identity = await _sink.IdentityAsync();

        Assert.Equal(Svids.Client, identity.Id?.ToString());
        Assert.Equal(_authority.Certificate.RawData, identity.Bundles.Single().Authorities.Single().RawData);
        using var key = identity.Certificate.GetECDsaPrivateKey();
        Assert.Equal(256, key!.KeySize);
    }

    [Fact]
    public async Task The_request_says_what_istiod_and_what_stands_in_for_it_want_to_know()
    {
        await using var istiod = await StartAsync();
        await using var source = Run(istiod, static settings => settings with { ClusterId = "cluster-2", Lifetime = TimeSpan.FromHours(6), TrustDomain = "mesh@corp.test" });
        await _sink.IdentityAsync();

        var call = Assert.Single(istiod.Calls);

        Assert.Equal((_token, "cluster-2", 21600L), (call.Token, call.ClusterId, call.Validity));
        var request = CertificateRequest.LoadSigningRequestPem(call.Csr, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
        var names = new X509SubjectAlternativeNameExtension(request.CertificateExtensions.Single().RawData);
        Assert.Contains("spiffe://mesh.corp.test/ns/istio-test/sa/client", System.Text.Encoding.ASCII.GetString(names.RawData), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_cluster_is_named_where_none_is_known()
    {
        await using var istiod = await StartAsync();
        await using var source = Run(istiod);
        await _sink.IdentityAsync();

        Assert.Null(Assert.Single(istiod.Calls).ClusterId);
    }

    [Fact]
    public async Task A_token_that_names_nobody_is_sent_with_a_request_that_names_nobody()
    {
        _folder.Write("token", "opaque");
        await using var istiod = await StartAsync(FakeIstiod.Answer((istiod, call) =>
        [
            istiod.Authority.Sign(call.Csr, Svids.Client).ExportCertificatePem(), istiod.Authority.RootPem,
        ]));
        await using var source = Run(istiod);

        await _sink.IdentityAsync();

        Assert.Equal("opaque", Assert.Single(istiod.Calls).Token);
    }

    [Fact]
    public async Task A_certificate_is_renewed_at_half_of_its_life_with_a_key_and_a_token_of_its_own()
    {
        await using var istiod = await StartAsync();
        await using var source = Run(istiod);
        var first = await _sink.IdentityAsync();
        var rotated = Jwt.Token(serial: 2);
        _folder.Write("token", rotated);

        Assert.InRange((await _time.StepAsync()).TotalHours, 11.76, 12.24);
        var second = await _sink.IdentityAsync();

        Assert.NotEqual(first.Certificate.SerialNumber, second.Certificate.SerialNumber);
        Assert.NotEqual(first.Certificate.GetPublicKey(), second.Certificate.GetPublicKey());
        Assert.Equal([_token, rotated], istiod.Calls.Select(static call => call.Token));
        Assert.Equal(2, istiod.Calls.Select(static call => call.Connection).Distinct().Count());
    }

    [Theory]
    [InlineData(StatusCode.Cancelled)]
    [InlineData(StatusCode.DeadlineExceeded)]
    [InlineData(StatusCode.ResourceExhausted)]
    [InlineData(StatusCode.Aborted)]
    [InlineData(StatusCode.Internal)]
    [InlineData(StatusCode.Unavailable)]
    public async Task What_may_pass_is_tried_five_times_over_new_connections(StatusCode status)
    {
        await using var istiod = await StartAsync([.. Enumerable.Repeat(FakeIstiod.Refuse(status), 5)]);
        await using var source = Run(istiod);

        foreach (var pause in new[] { 100, 200, 400, 800 })
        {
            Assert.InRange((await _time.StepAsync()).TotalMilliseconds, pause * 0.9, pause * 1.1);
        }

        Assert.Contains($"cannot issue a certificate for now ({status}): not now", await _sink.FailureAsync(), StringComparison.Ordinal);
        Assert.Equal(5, istiod.Calls.Select(static call => call.Connection).Distinct().Count());
        Assert.InRange((await _time.StepAsync()).TotalSeconds, 1, 1.1);
        await _sink.IdentityAsync();
    }

    [Theory]
    [InlineData(StatusCode.Unauthenticated, "does not accept the token")]
    [InlineData(StatusCode.InvalidArgument, "refuses to issue a certificate (InvalidArgument)")]
    [InlineData(StatusCode.PermissionDenied, "refuses to issue a certificate (PermissionDenied)")]
    [InlineData(StatusCode.Unimplemented, "refuses to issue a certificate (Unimplemented)")]
    public async Task A_no_is_not_asked_again_at_once(StatusCode status, string reason)
    {
        var no = FakeIstiod.Refuse(status);
        await using var istiod = await StartAsync((istiod, call, _) => FakeIstiod.Answer((istiod, call) => istiod.Issue(call))(istiod, call, default), no, no);
        await using var source = Run(istiod);
        await _sink.IdentityAsync();
        await _time.StepAsync();

        Assert.Contains(reason, await _sink.FailureAsync(), StringComparison.Ordinal);
        Assert.InRange((await _time.StepAsync()).TotalMinutes, 0.9, 1.1);
        await _sink.FailureAsync();
        Assert.InRange((await _time.StepAsync()).TotalMinutes, 1.8, 2.2);
        await _sink.IdentityAsync();
    }

    [Fact]
    public async Task A_token_for_another_audience_is_refused_with_what_it_has_to_be()
    {
        _folder.Write("token", Jwt.Token(audience: "https://kubernetes.default.svc"));
        await using var istiod = await StartAsync();
        await using var source = Run(istiod);

        var failure = await _sink.FailureAsync();
        Assert.Contains("request authenticate failure", failure, StringComparison.Ordinal);
        Assert.Contains("audience has to be istio-ca", failure, StringComparison.Ordinal);
        Assert.Contains("ISTIO_META_CLUSTER_ID", failure, StringComparison.Ordinal);

        _folder.Write("token", _token);
        await _time.StepAsync();
        await _sink.IdentityAsync();
    }

    [Fact]
    public async Task A_call_without_an_answer_ends_and_is_tried_again()
    {
        await using var istiod = await StartAsync(FakeIstiod.Silence);
        await using var source = Run(istiod);
        while (istiod.Calls.Count == 0)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        _time.Advance(Call);

        await _time.StepAsync();
        await _sink.IdentityAsync();
        Assert.Equal(2, istiod.Calls.Count);
    }

    [Fact]
    public async Task Nobody_at_the_address_is_told()
    {
        string address;
        await using (var istiod = await StartAsync())
        {
            address = istiod.Address;
        }

        await using var source = Run(address);
        await PassTriesAsync();

        Assert.Contains($"istiod at {address} cannot issue a certificate for now", await _sink.FailureAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_with_another_name_never_sees_the_token()
    {
        await using var istiod = await FakeIstiod.StartAsync(_authority, "backend.istio-test.svc");
        await using var source = Run(istiod);
        await PassTriesAsync();

        var failure = await _sink.FailureAsync();

        Assert.Contains("could not be verified as istiod.istio-system.svc", failure, StringComparison.Ordinal);
        Assert.Contains("RemoteCertificateNameMismatch", failure, StringComparison.Ordinal);
        Assert.Empty(istiod.Calls);
    }

    [Fact]
    public async Task A_workload_of_the_mesh_cannot_stand_in_for_istiod()
    {
        await using var istiod = await FakeIstiod.StartAsync(_authority, "spiffe.invalid");
        await using var source = Run(istiod, static settings => settings with { ServerName = "istiod.istio-system.svc" });
        await PassTriesAsync();

        await _sink.FailureAsync();
        Assert.Empty(istiod.Calls);
    }

    [Fact]
    public async Task A_name_that_is_configured_is_the_one_to_be_proved()
    {
        await using var istiod = await FakeIstiod.StartAsync(_authority, "istiod.example.com");
        await using var source = Run(istiod, static settings => settings with { ServerName = "istiod.example.com" });

        await _sink.IdentityAsync();
    }

    [Fact]
    public async Task A_server_under_another_authority_never_sees_the_token_until_the_file_names_that_one()
    {
        using var other = new MeshCertificateAuthority("Another", _time);
        await using var istiod = await FakeIstiod.StartAsync(other);
        await using var source = Run(istiod);
        await PassTriesAsync();

        Assert.Contains($"by the authorities in {_folder.PathOf("root-cert.pem")}", await _sink.FailureAsync(), StringComparison.Ordinal);
        Assert.Empty(istiod.Calls);

        _folder.Write("root-cert.pem", other.RootPem);
        await _time.StepAsync();
        await _sink.IdentityAsync();
    }

    [Fact]
    public async Task A_server_in_plaintext_never_sees_the_token()
    {
        await using var istiod = await FakeIstiod.StartAsync(_authority, plaintext: true);
        await using var source = Run(istiod);
        await PassTriesAsync();

        await _sink.FailureAsync();
        Assert.Empty(istiod.Calls);
    }

    [Theory]
    [InlineData("http://127.0.0.1:15012")]
    [InlineData("127.0.0.1:15010")]
    public async Task An_address_in_plaintext_is_not_even_dialled(string address)
    {
        await using var source = Run(address);

        Assert.Contains("plaintext", await _sink.FailureAsync(), StringComparison.Ordinal);
        Assert.InRange((await _time.WaitAsync()).TotalSeconds, 4.5, 5.5);
    }

    [Theory]
    [InlineData("root-cert.pem", "ConfigMap istio-ca-root-cert")]
    [InlineData("token", "audience is istio-ca")]
    public async Task A_file_that_is_mounted_late_is_waited_for(string file, string reason)
    {
        var content = await File.ReadAllTextAsync(_folder.PathOf(file), TestContext.Current.CancellationToken);
        File.Delete(_folder.PathOf(file));
        await using var istiod = await StartAsync();
        await using var source = Run(istiod);

        Assert.Contains(reason, await _sink.FailureAsync(), StringComparison.Ordinal);
        _folder.Write(file, content);
        Assert.InRange((await _time.StepAsync()).TotalSeconds, 1, 1.1);

        await _sink.IdentityAsync();
    }

    [Theory]
    [InlineData("one element")]
    [InlineData("another key")]
    [InlineData("bad chain")]
    [InlineData("expired")]
    public async Task An_answer_that_cannot_be_used_leaves_what_was_in_force(string what)
    {
        using var other = new MeshCertificateAuthority("Another", _time);
        var good = FakeIstiod.Answer(static (istiod, call) => istiod.Issue(call));
        await using var istiod = await StartAsync(good, FakeIstiod.Answer((istiod, call) => what switch
        {
            "one element" => istiod.Issue(call).Take(1),
            "another key" => [istiod.Authority.Issue(Svids.Client).ChainPem, istiod.Authority.RootPem],
            "bad chain" => [other.Sign(call.Csr, Svids.Client).ExportCertificatePem(), istiod.Authority.RootPem],
            _ => [istiod.Authority.Sign(call.Csr, Svids.Client, new() { NotBefore = _time.GetUtcNow().AddHours(-2), NotAfter = _time.GetUtcNow().AddHours(-1) }).ExportCertificatePem(), istiod.Authority.RootPem],
        }));
        await using var source = Run(istiod);
        await _sink.IdentityAsync();
        await _time.StepAsync();

        Assert.Contains("answered with what cannot be used", await _sink.FailureAsync(), StringComparison.Ordinal);
        Assert.InRange((await _time.StepAsync()).TotalMinutes, 0.9, 1.1);
        await _sink.IdentityAsync();
    }

    [Fact]
    public async Task What_the_mesh_refuses_is_told_and_asked_for_again()
    {
        _sink.RefusesNext = true;
        await using var istiod = await StartAsync();
        await using var source = Run(istiod);

        Assert.Contains("cannot be used: it is refused", await _sink.FailureAsync(), StringComparison.Ordinal);
        await _time.StepAsync();
        await _sink.IdentityAsync();
    }

    [Fact]
    public async Task A_new_root_in_the_file_is_believed_at_once_and_a_certificate_under_it_is_asked_for_soon()
    {
        using var next = new MeshCertificateAuthority("Next", _time);
        await using var istiod = await StartAsync();
        await using var source = Run(istiod, static settings => settings with { RootInterval = TimeSpan.FromSeconds(30) });
        var before = await _sink.IdentityAsync();
        Assert.Equal(TimeSpan.FromSeconds(30), await _time.WaitAsync());
        _folder.Write("root-cert.pem", $"{_authority.RootPem}\n{next.RootPem}");
        _time.Advance(TimeSpan.FromSeconds(30));

        var both = await _sink.IdentityAsync();
        Assert.Same(before.Certificate, both.Certificate);
        Assert.Equal(2, both.Bundles.Single().Authorities.Length);

        // Istiod's serving certificate stays as it is; what it issues is under the new root now, and names both.
        istiod.Authority = next;
        istiod.Roots = $"{_authority.RootPem}\n{next.RootPem}";
        MeshIdentity renewed;
        do
        {
            Assert.InRange((await _time.StepAsync()).TotalSeconds, 0, 30);
        }
        while (_sink.IsEmpty && istiod.Calls.Count < 2);
        renewed = await _sink.IdentityAsync();
        Assert.Equal(next.Certificate.Subject, renewed.Certificate.Issuer);
        Assert.Equal(2, renewed.Bundles.Single().Authorities.Length);
    }

    [Fact]
    public async Task A_file_that_is_broken_for_a_while_changes_nothing()
    {
        await using var istiod = await StartAsync();
        await using var source = Run(istiod, static settings => settings with { RootInterval = TimeSpan.FromSeconds(30) });
        await _sink.IdentityAsync();
        _folder.Write("root-cert.pem", "half a certifi");

        await _time.StepAsync();
        await _time.StepAsync();
        _folder.Write("root-cert.pem", _authority.RootPem);
        await _time.StepAsync();
        await _time.WaitAsync();

        Assert.True(_sink.IsEmpty);
    }

    [Fact]
    public async Task A_token_that_the_other_side_repeats_is_in_no_message()
    {
        await using var istiod = await StartAsync(
            [.. Enumerable.Repeat<IssueScript>(static (_, call, _) => throw new RpcException(new Status(StatusCode.PermissionDenied, $"what is {call.Token}?\r\nno")), 1)]);
        await using var source = Run(istiod);

        Assert.Contains("(PermissionDenied): what is (token)?  no", await _sink.FailureAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(_sink.Failures, failure => failure.Contains(_token, StringComparison.Ordinal) || failure.Contains(_token[..60], StringComparison.Ordinal));
    }

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    private Task<FakeIstiod> StartAsync(params IssueScript[] scripts) => FakeIstiod.StartAsync(_authority, scripts: scripts);

    private RunningSource Run(FakeIstiod istiod, Func<IstiodSettings, IstiodSettings>? change = null) => Run(istiod.Address, change);

    private RunningSource Run(string address, Func<IstiodSettings, IstiodSettings>? change = null)
    {
        var settings = new IstiodSettings(
            address, null, _folder.PathOf("root-cert.pem"), _folder.PathOf("token"), IstiodSettings.DefaultTrustDomain, null, IstiodSettings.DefaultLifetime)
        {
            CallTimeout = Call,
            RootInterval = RootInterval,
        };
        return new(new IstiodSource(change?.Invoke(settings) ?? settings, _time, new Random(1)), _sink);
    }

    private async Task PassTriesAsync()
    {
        for (var pause = 0; pause < 4; pause++)
        {
            await _time.StepAsync();
        }
    }
}
