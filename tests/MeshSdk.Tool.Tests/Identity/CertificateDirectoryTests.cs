using MeshSdk.Testing;

namespace MeshSdk.Tool.Tests.Identity;

/// <summary>The option <c>--certs</c>: a directory that cannot be used ends the command, in one line that names what is wrong.</summary>
public sealed class CertificateDirectoryTests : IDisposable
{
    private const string Id = "spiffe://cluster.local/ns/istio-test/sa/client";

    private readonly ManifestDirectory _directory = new();
    private readonly MeshCertificateAuthority _authority = new();

    private string Certificates => Path.Combine(_directory.Path, "certs");

    public void Dispose()
    {
        _authority.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("cert-chain.pem")]
    [InlineData("key.pem")]
    [InlineData("root-cert.pem")]
    public async Task A_missing_file_is_named(string file)
    {
        _authority.Issue(Id).WriteTo(Certificates);
        File.Delete(Path.Combine(Certificates, file));

        await RefusedAsync(file);
    }

    [Theory]
    [InlineData("cert-chain.pem")]
    [InlineData("key.pem")]
    [InlineData("root-cert.pem")]
    public async Task A_file_that_is_no_PEM_is_named(string file)
    {
        _authority.Issue(Id).WriteTo(Certificates);
        await File.WriteAllTextAsync(Path.Combine(Certificates, file), "nothing of the kind");

        await RefusedAsync(file);
    }

    [Fact]
    public async Task A_key_of_another_certificate_is_refused()
    {
        _authority.Issue(Id).WriteTo(Certificates);
        var other = _authority.Issue(Id).KeyPem;
        await File.WriteAllTextAsync(Path.Combine(Certificates, "key.pem"), other);

        var error = await RefusedAsync("key.pem");
        Assert.DoesNotContain(other.Split('\n')[1], error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_has_expired_is_refused()
    {
        var now = DateTimeOffset.UtcNow;
        _authority.Issue(Id, new MeshTestCertificateOptions { NotBefore = now.AddDays(-2), NotAfter = now.AddDays(-1) }).WriteTo(Certificates);

        await RefusedAsync("expired");
    }

    [Fact]
    public async Task A_directory_that_is_not_there_is_refused_by_every_command()
    {
        string[][] commands = [["explain", "http://backend"], ["curl", "http://backend"], ["describe", "service", "backend"], ["get", "routes"], ["lint"]];
        foreach (var command in commands)
        {
            var run = await ToolRun.Of([.. command, "--manifests", ManifestDirectory.Canary, "-n", "istio-test", "--certs", Certificates]);

            Assert.Equal((2, ""), (run.ExitCode, run.Out));
            Assert.Contains(Certificates, Assert.Single(run.ErrorLines), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_identity_is_shown_with_its_end_and_nothing_of_its_key()
    {
        var end = new DateTimeOffset(2099, 1, 2, 3, 4, 5, TimeSpan.Zero);
        var certificate = _authority.CreateIntermediate().Issue(Id, new MeshTestCertificateOptions { NotAfter = end });
        certificate.WriteTo(Certificates);

        var text = await DescribeAsync();
        Assert.Contains(
            $"""
            Caller's identity: {Id}
               From PEM files in {Certificates}
               Valid until 2099-01-02T03:04:05Z
               Believes 1 authority of its own trust domain

            """,
            text.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("NoIdentity", text.Out, StringComparison.Ordinal);

        var caller = (await DescribeAsync("-o", "json")).Json.GetProperty("caller");
        Assert.Equal(
            $$"""{"source":"PEM files in {{Certificates}}","spiffeId":"{{Id}}","notAfter":"2099-01-02T03:04:05+00:00","authorities":[{"trustDomain":null,"certificates":1}],"problem":null}""",
            caller.GetRawText());
    }

    [Fact]
    public async Task Without_one_that_is_said_with_where_it_was_looked_for()
    {
        var run = await ToolRun.Of("describe", "service", "backend-v1", "--manifests", ManifestDirectory.Canary, "-n", "istio-test");

        Assert.Contains("\nCaller's identity: none\n   none is configured, ", run.Out, StringComparison.Ordinal);
        Assert.Contains("and this caller has no identity: they are answered with 503 UF. Give one with --certs DIR", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_the_environment_leads_to_is_found()
    {
        var environment = Surroundings.None with { Variable = static name => name == "SPIFFE_ENDPOINT_SOCKET" ? "unix:///no/such/socket" : null };

        var run = await ToolRun.In(environment, "describe", "service", "backend-v1", "--manifests", ManifestDirectory.Canary, "-n", "istio-test");

        Assert.Contains("\nCaller's identity: none\n   From ", run.Out, StringComparison.Ordinal);
        Assert.Contains("/no/such/socket", run.Out, StringComparison.Ordinal);
        Assert.Contains("   WARNING: ", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("NoIdentity", run.Out, StringComparison.Ordinal);
    }

    private Task<ToolRun> DescribeAsync(params string[] args) => ToolRun.Of(
        ["describe", "service", "backend-v1", "--manifests", ManifestDirectory.Canary, "-n", "istio-test", "--certs", Certificates, .. args]);

    private async Task<string> RefusedAsync(string part)
    {
        var run = await DescribeAsync();
        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        var error = Assert.Single(run.ErrorLines);
        Assert.StartsWith($"mesh: --certs {Certificates}: ", error, StringComparison.Ordinal);
        Assert.Contains(part, error, StringComparison.Ordinal);
        return error;
    }
}
