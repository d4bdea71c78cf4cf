using System.Security.Cryptography;
using System.Text;
using MeshSdk.Kubernetes.Scopes;
using MeshSdk.Kubernetes.Snapshots;
using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Resources.Json;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using static MeshSdk.Kubernetes.Tests.Scopes.Objects;

namespace MeshSdk.Kubernetes.Tests.Snapshots;

public sealed class SnapshotStoreTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly TemporaryDirectory _directory = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly FakeLogger _log = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task What_was_written_is_read_back_in_a_file_and_directory_of_the_owners_own()
    {
        var content = Content();
        await WriteAsync(content);

        var read = Store().Load("server-a", "shop");
        Assert.NotNull(read);
        Assert.Equal(content.Time, read.Time);
        Assert.Equal(content.Unknown, read.Unknown);
        Assert.Equal(content.Sets.Select(static set => (set.Key, set.Service, set.AsOf)), read.Sets.Select(static set => (set.Key, set.Service, set.AsOf)));
        Assert.Equal(content.Sets.SelectMany(Fingerprints), read.Sets.SelectMany(Fingerprints));
        Assert.Equal(["mesh-snapshot.json"], Directory.GetFiles(_directory.Path).Select(Path.GetFileName));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(OwnerOnly, File.GetUnixFileMode(_directory.File));
            Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, File.GetUnixFileMode(_directory.Path));
        }
    }

    [Fact]
    public async Task Annotations_are_not_kept()
    {
        var content = Content();
        var service = Service("noted");
        service = service with { Metadata = service.Metadata with { Annotations = new() { ["last-applied"] = "private words" } } };
        await WriteAsync(content with { Sets = [content.Sets[0] with { Objects = [service] }] });
        Assert.DoesNotContain("private words", await File.ReadAllTextAsync(_directory.File, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("server-b", "shop", "is of another API server")]
    [InlineData("server-a", "other", "it is of namespace 'shop', and this is 'other'")]
    public async Task A_snapshot_of_another_cluster_or_namespace_is_not_used(string server, string ns, string reason)
    {
        await WriteAsync(Content());
        Assert.Null(Store().Load(server, ns));
        AssertIgnored(reason);
    }

    [Fact]
    public async Task A_snapshot_that_is_too_old_is_not_used()
    {
        await WriteAsync(Content());
        _time.Advance(TimeSpan.FromHours(24));
        Assert.NotNull(Store().Load("server-a", "shop"));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(Store().Load("server-a", "shop"));
        AssertIgnored("Mesh:Kubernetes:SnapshotMaxAge");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(-1)]
    [InlineData(-66)]
    public async Task A_file_that_was_cut_short_is_not_used(int length)
    {
        await WriteAsync(Content());
        var bytes = await File.ReadAllBytesAsync(_directory.File, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(_directory.File, length < 0 ? bytes[..^-length] : bytes[..length], TestContext.Current.CancellationToken);
        Assert.Null(Store().Load("server-a", "shop"));
        AssertIgnored("it is damaged or was cut short");
    }

    [Fact]
    public async Task A_file_with_one_bit_turned_is_not_used()
    {
        await WriteAsync(Content());
        var bytes = await File.ReadAllBytesAsync(_directory.File, TestContext.Current.CancellationToken);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(_directory.File, bytes, TestContext.Current.CancellationToken);
        Assert.Null(Store().Load("server-a", "shop"));
        AssertIgnored("it is damaged or was cut short");
    }

    [Theory]
    [InlineData("""{"schema":2,"server":"server-a","namespace":"shop"}""", "it has the format 2, and this version reads 1")]
    [InlineData("""{"schema":1,"sets":[{"resource":"widgets.example.com"}]}""", "it holds widgets.example.com, which this version does not know")]
    [InlineData("""{"schema":1,"sets":[{"resource":"services","objects":[{"spec":7}]}]}""", "it cannot be read")]
    [InlineData("""{"schema":1,"sets":7}""", "it cannot be read")]
    [InlineData("""{"schema":1,"sets":[null]}""", "")]
    [InlineData("nonsense", "it cannot be read")]
    [InlineData("null", "it has the format")]
    public void A_file_of_another_version_is_not_used(string body, string reason)
    {
        Store().Prepare();
        File.WriteAllText(_directory.File, $"{body}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body)))}\n");
        TemporaryDirectory.SetMode(_directory.File, OwnerOnly);

        Assert.Null(Store().Load("server-a", "shop"));
        AssertIgnored(reason);
    }

    [Fact]
    public void No_file_is_no_snapshot_and_no_word()
    {
        Store().Prepare();
        Assert.Null(Store().Load("server-a", "shop"));
        Assert.Equal(0, _log.Collector.Count);
    }

    [Fact]
    public void A_directory_that_others_can_write_is_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        Directory.CreateDirectory(_directory.Path);
        foreach (var mode in new[] { UnixFileMode.GroupWrite, UnixFileMode.OtherWrite })
        {
            TemporaryDirectory.SetMode(_directory.Path, OwnerOnly | UnixFileMode.UserExecute | mode);
            var refusal = Assert.Throws<SnapshotException>(Store().Prepare);
            Assert.Contains("can be written by others", refusal.Message, StringComparison.Ordinal);
        }

        TemporaryDirectory.SetMode(_directory.Path, OwnerOnly | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute);
        Store().Prepare();
    }

    [Fact]
    public void A_link_is_refused_as_a_directory_whether_it_leads_anywhere_or_not()
    {
        Directory.CreateDirectory(_directory.Beside("real"));
        Directory.CreateSymbolicLink(_directory.Path, _directory.Beside("real"));
        Assert.Contains("is a link", Assert.Throws<SnapshotException>(Store().Prepare).Message, StringComparison.Ordinal);
        Directory.Delete(_directory.Beside("real"));
        Assert.Throws<SnapshotException>(Store().Prepare);
    }

    [Fact]
    public void What_is_no_directory_is_refused()
    {
        File.WriteAllText(_directory.Path, "");
        Assert.Contains("is not a directory", Assert.Throws<SnapshotException>(Store().Prepare).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_of_another_user_is_refused()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only on Linux is there a directory that surely is another user's.");

        // Root's for everybody else, and for root one that the kernel gives to nobody.
        var foreign = Environment.IsPrivilegedProcess ? ForeignDirectory() : "/usr";
        Assert.SkipWhen(foreign is null, "No directory of another user could be made.");
        Assert.False(FileOwner.IsOwn(foreign));
        Assert.Contains("belongs to another user", Assert.Throws<SnapshotException>(() => PrivateDirectory.Ensure(foreign)).Message, StringComparison.Ordinal);
        Assert.True(FileOwner.IsOwn(_directory.Beside("")));
    }

    [Fact]
    public async Task A_file_that_others_can_write_or_that_is_a_link_is_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        await WriteAsync(Content());
        TemporaryDirectory.SetMode(_directory.File, OwnerOnly | UnixFileMode.OtherWrite);
        Assert.Contains("can be written by others", Assert.Throws<SnapshotException>(() => Store().Load("server-a", "shop")).Message, StringComparison.Ordinal);

        TemporaryDirectory.SetMode(_directory.File, OwnerOnly);
        File.Move(_directory.File, _directory.Beside("elsewhere"));
        File.CreateSymbolicLink(_directory.File, _directory.Beside("elsewhere"));
        Assert.Contains("is a link", Assert.Throws<SnapshotException>(() => Store().Load("server-a", "shop")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_snapshot_that_would_be_too_long_leaves_the_last_one_in_its_place()
    {
        await WriteAsync(Content());
        var before = await File.ReadAllBytesAsync(_directory.File, TestContext.Current.CancellationToken);
        var huge = Service("huge", selector: new() { ["x"] = new string('x', 1 << 20) });
        await WriteAsync(Content() with { Sets = [Content().Sets[0] with { Objects = [.. Enumerable.Repeat(huge, 65)] }] });

        Assert.Equal(before, await File.ReadAllBytesAsync(_directory.File, TestContext.Current.CancellationToken));
        Assert.Single(Directory.GetFiles(_directory.Path));
        Assert.Contains("longer than 64 MB", _log.LatestRecord.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_are_gathered_and_silence_is_written_down_too()
    {
        var store = Store();
        store.Prepare();
        Assert.Equal(SnapshotStore.RefreshInterval, store.DueIn(isChanged: false));
        Assert.Equal(TimeSpan.Zero, store.DueIn(isChanged: true));
        store.Write(Content());
        Assert.Equal(SnapshotStore.Interval, store.DueIn(isChanged: true));
        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(TimeSpan.FromSeconds(6), store.DueIn(isChanged: true));
        Assert.Equal(SnapshotStore.RefreshInterval - TimeSpan.FromSeconds(4), store.DueIn(isChanged: false));
        await store.FlushAsync();
        _time.Advance(SnapshotStore.RefreshInterval);
        Assert.Equal(TimeSpan.Zero, store.DueIn(isChanged: false));
    }

    [Fact]
    public async Task What_is_large_is_written_less_often()
    {
        var store = Store();
        store.Prepare();
        var large = Service("large", selector: new() { ["x"] = new string('x', 1 << 20) });
        foreach (var (megabytes, interval) in new[] { (4, SnapshotStore.Interval * 4), (40, SnapshotStore.RefreshInterval), (0, SnapshotStore.Interval) })
        {
            store.Write(Content() with { Sets = [Content().Sets[0] with { Objects = [.. Enumerable.Repeat(large, megabytes)] }] });
            await store.FlushAsync();
            Assert.Equal(interval, store.DueIn(isChanged: true));
        }
    }

    [Fact]
    public void What_a_process_left_behind_that_ended_while_it_wrote_is_deleted_at_the_next_start()
    {
        Store().Prepare();
        var (left, written, other) = (Beside(".mesh-snapshot-1.tmp"), Beside(".mesh-snapshot-2.tmp"), Beside("other.tmp"));
        Array.ForEach([left, written, other], static path => File.WriteAllText(path, "{"));
        using (new FileStream(written, FileMode.Open, FileAccess.Write))
        {
            Store().Prepare();
            Assert.Equal([written, other], Directory.GetFiles(_directory.Path).Order(StringComparer.Ordinal));
        }

        string Beside(string name) => Path.Combine(_directory.Path, name);
    }

    private static string? ForeignDirectory()
    {
        foreach (var candidate in new[] { "/var/mail", "/var/cache/man", "/var/lib/apt/lists/partial", "/var/cache/apt/archives/partial", "/home" }
            .Concat(Directory.Exists("/home") ? Directory.GetDirectories("/home") : []))
        {
            if (Directory.Exists(candidate) && !FileOwner.IsOwn(candidate) && !File.GetAttributes(candidate).HasFlag(FileAttributes.ReparsePoint))
            {
                return candidate;
            }
        }

        return null;
    }

    private static IEnumerable<UInt128> Fingerprints(SnapshotSet set) => set.Objects.Select(resource => resource is Pod
        ? ResourceFingerprint.Of(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(resource, ResourceJsonContext.Default.Pod))
        : ResourceFingerprint.Of(resource));

    private SnapshotContent Content()
    {
        var id = new ServiceId("shop", "backend");
        var now = _time.GetUtcNow();
        var selector = new Dictionary<string, string> { ["app"] = "backend" };
        return new SnapshotContent("server-a", "shop", now,
            [
                new(SetKey.Of(FollowedService.ServiceTarget(id)), id, now, [Service("backend", selector: selector)]),
                new(SetKey.Of(FollowedService.EndpointsTarget(id)), id, now.AddSeconds(-3), [Slice("backend"), Slice("backend", suffix: "2", address: "fd00::1")]),
                new(SetKey.Of(FollowedService.PodsTarget(Service("backend", selector: selector))!), id, now, [Pod("pod-1", selector)]),
                new(new SetKey("httproutes.gateway.networking.k8s.io", "shop", null, null), null, now, [Route("root", "backend", ["v1", "other/v2"])]),
                new(new SetKey("destinationrules.networking.istio.io", null, null, null), null, now, [Rule("backend", subsets: true, tls: "ISTIO_MUTUAL")]),
            ],
            [new UnknownScope("DestinationRule", "istio-system", null, "no permission")]);
    }

    private SnapshotStore Store() => new(_directory.Path, TimeSpan.FromHours(24), _time, _log);

    private async Task WriteAsync(SnapshotContent content)
    {
        var store = Store();
        store.Prepare();
        store.Write(content);
        await store.FlushAsync();
    }

    private void AssertIgnored(string reason)
    {
        var record = Assert.Single(_log.Collector.GetSnapshot());
        Assert.Equal("SnapshotIgnored", record.Id.Name);
        Assert.Contains(reason, record.Message, StringComparison.Ordinal);
    }
}
