using MeshSdk.Security.Sources;
using MeshSdk.Testing;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.Security.Sources;

/// <summary>With real files and a clock of its own: what the system reports comes when it comes, and what is looked for comes when time passes.</summary>
public sealed class PemFileSourceTests : IAsyncDisposable
{
    private const string Id = "spiffe://cluster.local/ns/shop/sa/cart";

    private readonly FakeTimeProvider _clock = new();
    private readonly MeshCertificateAuthority _authority;
    private readonly string _directory = Directory.CreateTempSubdirectory("mesh-").FullName;
    private readonly RecordingCertificateSink _sink;
    private readonly FakeLogger _log = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public PemFileSourceTests()
    {
        _authority = new MeshCertificateAuthority(time: _clock);
        _sink = new RecordingCertificateSink(_clock);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running);
        _authority.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task What_is_there_is_taken_at_once_and_what_replaces_it_when_it_stands_still()
    {
        var first = _authority.Issue(Id);
        first.WriteTo(_directory);
        Start();
        Assert.Equal(first.Certificate.SerialNumber, (await _sink.PublishedAsync(1)).Certificate.SerialNumber);

        var second = _authority.Issue(Id);
        second.WriteTo(_directory);
        Assert.Equal(second.Certificate.SerialNumber, (await _sink.PublishedAsync(2)).Certificate.SerialNumber);
        await _sink.PassAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(2, _sink.Identities.Count);
    }

    [Fact]
    public async Task Files_that_are_rewritten_one_at_a_time_are_taken_when_the_last_of_them_is_there()
    {
        _authority.Issue(Id).WriteTo(_directory);
        Start();
        await _sink.PublishedAsync(1);

        // In place, and with less time between them than a failure needs.
        var next = _authority.Issue(Id);
        await File.WriteAllTextAsync(PathOf("key.pem"), next.KeyPem, TestContext.Current.CancellationToken);
        await _sink.PassAsync(TimeSpan.FromSeconds(1));
        var half = next.ChainPem.Length / 2;
        await File.WriteAllTextAsync(PathOf("cert-chain.pem"), next.ChainPem[..half], TestContext.Current.CancellationToken);
        await _sink.PassAsync(TimeSpan.FromSeconds(1));
        Assert.Single(_sink.Identities);
        Assert.Empty(_sink.Failures);
        await File.AppendAllTextAsync(PathOf("cert-chain.pem"), next.ChainPem[half..], TestContext.Current.CancellationToken);
        Assert.Equal(next.Certificate.SerialNumber, (await _sink.PublishedAsync(2)).Certificate.SerialNumber);
    }

    [Fact]
    public async Task Files_that_do_not_belong_together_are_a_failure_in_the_end_and_what_was_before_stays()
    {
        var first = _authority.Issue(Id);
        first.WriteTo(_directory);
        Start();
        await _sink.PublishedAsync(1);

        await File.WriteAllTextAsync(PathOf("key.pem"), _authority.Issue(Id).KeyPem, TestContext.Current.CancellationToken);
        Assert.Contains("is not that of the certificate", await _sink.FailedAsync(1), StringComparison.Ordinal);
        await _sink.PassAsync(TimeSpan.FromSeconds(30));
        Assert.Single(_sink.Failures);
        Assert.Single(_sink.Identities);

        // As it was before: the sink hears that all is well again.
        await File.WriteAllTextAsync(PathOf("key.pem"), first.KeyPem, TestContext.Current.CancellationToken);
        Assert.Same(_sink.Identities.First(), await _sink.PublishedAsync(2));
    }

    [Fact]
    public async Task Links_may_be_swapped_as_a_mounted_volume_does()
    {
        var first = _authority.Issue(Id);
        Mount("..1", first);
        Directory.CreateSymbolicLink(PathOf("..data"), "..1");
        foreach (var name in (string[])["cert-chain.pem", "key.pem", "root-cert.pem"])
        {
            File.CreateSymbolicLink(PathOf(name), Path.Combine("..data", name));
        }

        Start();
        await _sink.PublishedAsync(1);

        var second = _authority.Issue(Id);
        Mount("..2", second);
        Directory.CreateSymbolicLink(PathOf("..data_tmp"), "..2");

        // File.Move refuses to put a link over a link to a directory.
        using (var move = System.Diagnostics.Process.Start("mv", ["-T", PathOf("..data_tmp"), PathOf("..data")]))
        {
            await move.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, move.ExitCode);
        }

        Directory.Delete(PathOf("..1"), recursive: true);
        Assert.Equal(second.Certificate.SerialNumber, (await _sink.PublishedAsync(2)).Certificate.SerialNumber);

        void Mount(string name, MeshTestCertificate certificate) => certificate.WriteTo(PathOf(name));
    }

    [Fact]
    public async Task Files_that_are_late_are_waited_for_and_so_is_their_directory()
    {
        var late = PathOf("late");
        Start(new PemDirectory(new PemPlace(late)));
        Assert.Contains($"{late} does not exist", await _sink.FailedAsync(1), StringComparison.Ordinal);
        Directory.CreateDirectory(late);
        Assert.Contains("holds none of cert-chain.pem, key.pem, root-cert.pem (istio-agent); tls.crt", await _sink.FailedAsync(2), StringComparison.Ordinal);
        _authority.Issue(Id).WriteTo(late);
        await _sink.PublishedAsync(1);
    }

    [Fact]
    public async Task Files_that_are_deleted_are_a_failure_in_the_end_and_are_found_when_they_are_there_again()
    {
        _authority.Issue(Id).WriteTo(_directory);
        Start();
        await _sink.PublishedAsync(1);
        File.Delete(PathOf("cert-chain.pem"));
        await _sink.PassAsync(TimeSpan.FromSeconds(2));
        Assert.Empty(_sink.Failures);
        Assert.Contains("lacks cert-chain.pem (istio-agent)", await _sink.FailedAsync(1), StringComparison.Ordinal);
        Assert.Single(_sink.Identities);

        Directory.Delete(_directory, recursive: true);
        Directory.CreateDirectory(_directory);
        var next = _authority.Issue(Id);
        next.WriteTo(_directory);
        Assert.Equal(next.Certificate.SerialNumber, (await _sink.PublishedAsync(2)).Certificate.SerialNumber);
    }

    [Fact]
    public async Task What_the_sink_refuses_is_a_failure_and_is_offered_again()
    {
        _sink.Refuses = static _ => "it has expired";
        _authority.Issue(Id).WriteTo(_directory);
        Start();
        Assert.StartsWith("it has expired", await _sink.FailedAsync(1), StringComparison.Ordinal);
        _sink.Refuses = static _ => null;
        await _sink.PublishedAsync(1);
    }

    [Theory]
    [InlineData("cert-chain.pem", "key.pem", "root-cert.pem")]
    [InlineData("tls.crt", "tls.key", "ca.crt")]
    [InlineData("certificates.pem", "private_key.pem", "ca_certificates.pem")]
    public async Task Every_known_layout_is_read(string chain, string key, string root)
    {
        var issued = _authority.Issue(Id);
        await WriteAsync(issued, chain, key, root);
        Start();
        Assert.Equal(Id, (await _sink.PublishedAsync(1)).Id?.ToString());
    }

    [Fact]
    public async Task A_driver_that_gives_no_authorities_is_told_so()
    {
        await WriteAsync(_authority.Issue(Id), "tls.crt", "tls.key", "ca.crt");
        File.Delete(PathOf("ca.crt"));
        Start();
        Assert.Contains("lacks ca.crt (cert-manager): the driver writes it only where", await _sink.FailedAsync(1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Three_files_may_be_anywhere_and_a_list_of_revoked_certificates_beside_the_authorities_counts()
    {
        var issued = _authority.Issue(Id);
        await WriteAsync(issued, "a", "b", "c");
        Start(new PemPaths(PathOf("a"), PathOf("b"), PathOf("c")));
        Assert.Empty((await _sink.PublishedAsync(1)).Bundles.Single().RevocationLists);
        await File.WriteAllTextAsync(PathOf("ca-crl.pem"), _authority.Revoke(issued), TestContext.Current.CancellationToken);
        Assert.Single((await _sink.PublishedAsync(2)).Bundles.Single().RevocationLists);
    }

    [Theory]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite, false)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.GroupRead, false)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead, true)]
    public async Task A_key_that_everybody_can_read_is_warned_of_once(UnixFileMode mode, bool warns)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        var issued = _authority.Issue(Id);
        issued.WriteTo(_directory);
        SetMode();
        Start();
        await _sink.PublishedAsync(1);
        await File.AppendAllTextAsync(PathOf("root-cert.pem"), "\n", TestContext.Current.CancellationToken);
        await _sink.PublishedAsync(2);
        if (warns)
        {
            var line = Assert.Single(_log.Collector.GetSnapshot());
            Assert.Contains($"{PathOf("key.pem")} is open to every user of the machine (mode 0644)", line.Message, StringComparison.Ordinal);
        }
        else
        {
            Assert.Empty(_log.Collector.GetSnapshot());
        }

        void SetMode()
        {
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(PathOf("key.pem"), mode);
            }
        }
    }

    [Fact]
    public async Task Nothing_of_a_key_is_logged_or_told_whatever_goes_wrong()
    {
        var first = _authority.Issue(Id);
        first.WriteTo(_directory);
        Start();
        await _sink.PublishedAsync(1);
        foreach (var (name, text) in (ReadOnlySpan<(string, string)>)[("cert-chain.pem", first.KeyPem), ("key.pem", first.KeyPem[..120]), ("root-cert.pem", first.KeyPem)])
        {
            File.WriteAllText(PathOf(name), text);
        }

        await _sink.FailedAsync(1);
        var body = first.KeyPem.Split('\n')[1];
        var told = _sink.Failures.Concat(_log.Collector.GetSnapshot().Select(static line => line.Message + line.Exception));
        Assert.DoesNotContain(told, text => text.Contains(body[..20], StringComparison.Ordinal));
    }

    private string PathOf(string name) => Path.Combine(_directory, name);

    private async Task WriteAsync(MeshTestCertificate certificate, string chain, string key, string root)
    {
        await File.WriteAllTextAsync(PathOf(chain), certificate.ChainPem, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(PathOf(key), certificate.KeyPem, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(PathOf(root), certificate.RootPem, TestContext.Current.CancellationToken);
    }

    private void Start(PemLocation? location = null)
    {
        var source = new PemFileSource(location ?? new PemDirectory(new PemPlace(_directory)), _clock, _log);
        _running = Task.Run(() => source.RunAsync(_sink, _stop.Token));
    }
}
