using MeshSdk.Resources;
using MeshSdk.Sources;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.Sources;

public sealed class ManifestSourceWatchTests
{
    /// <summary>With the system's notices on the real clock; by looking alone on a fake one.</summary>
    public static TheoryData<bool> Ways => [false, true];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_new_file_a_replaced_one_and_a_deleted_one_are_one_change_each(bool poll)
    {
        await using var mesh = Harness(poll);
        mesh.Write("a.yaml", Manifest.Route("r", 90));
        mesh.Write("b.yaml", Manifest.Service("b"));
        await mesh.StartAsync(Options(poll));

        mesh.Replace("a.yaml", Manifest.Route("r", 10));
        await mesh.NextAsync();
        Assert.Equal(10, Weight(mesh));
        Assert.Equal("r", Assert.Single(Assert.Single(mesh.Changes).Upserts).Metadata.Name);

        mesh.Write("sub/c.yaml", Manifest.Documents(Manifest.Service("c"), Manifest.Service("d")));
        await mesh.NextAsync();
        Assert.Equal(["b", "c", "d", "r"], mesh.Names);

        File.Delete(mesh.PathOf("b.yaml"));
        Directory.Delete(mesh.PathOf("sub"), recursive: true);
        await mesh.UntilAsync(_ => mesh.Resources.Count == 1);
        Assert.Equal(["b", "c", "d"], mesh.Deleted.Order(StringComparer.Ordinal));
        Assert.Equal(3, mesh.Changes.Count);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_single_file_is_followed_through_replacement_and_deletion(bool poll)
    {
        await using var mesh = Harness(poll);
        mesh.Write("a.yaml", Manifest.Route("r", 90));
        mesh.Write("other.yaml", Manifest.Service("other"));
        await mesh.StartAsync(Options(poll), "a.yaml");
        Assert.Equal(["r"], mesh.Names);

        mesh.Replace("a.yaml", Manifest.Route("r", 50));
        await mesh.UntilAsync(_ => Weight(mesh) == 50);

        File.Delete(mesh.PathOf("a.yaml"));
        await mesh.UntilAsync(_ => mesh.Resources.Count == 0);

        mesh.Write("a.yaml", Manifest.Route("r", 20));
        await mesh.UntilAsync(_ => Weight(mesh) == 20);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_rewrite_in_place_is_never_seen_half_done(bool poll)
    {
        await using var mesh = Harness(poll);
        var others = string.Concat(Enumerable.Range(0, 20).Select(i => "---\n" + Manifest.Service($"s{i:00}")));
        mesh.Write("a.yaml", Manifest.Route("r", 90) + others);

        // Long enough for a writer that a busy machine holds up in the middle.
        await mesh.StartAsync(Options(poll) with { Debounce = TimeSpan.FromSeconds(1) });

        foreach (var weight in new[] { 80, 70 })
        {
            WriteByLines(mesh.PathOf("a.yaml"), Manifest.Route("r", weight) + others);
            await mesh.UntilAsync(_ => Weight(mesh) == weight);
        }

        Assert.Empty(mesh.Deleted);
        Assert.Empty(mesh.Problems);
        Assert.All(mesh.Changes, change => Assert.Single(change.Upserts));

        // On the thread of the test, which waits for no other between two lines.
        static void WriteByLines(string path, string text)
        {
            using var file = new FileStream(path, FileMode.Truncate, FileAccess.Write, FileShare.ReadWrite);
            using var writer = new StreamWriter(file) { AutoFlush = true };
            foreach (var line in text.Split('\n'))
            {
                writer.Write(line + "\n");
            }
        }
    }

    [Fact]
    public async Task A_file_that_is_empty_for_a_moment_keeps_its_objects_and_one_that_stays_empty_loses_them()
    {
        var clock = new FakeTimeProvider();
        await using var mesh = new ManifestHarness(clock);
        mesh.Write("a.yaml", Manifest.Service("a"));
        mesh.Write("b.yaml", Manifest.Service("b"));
        await mesh.StartAsync(Options(poll: true) with { EmptyFileDelay = TimeSpan.FromMinutes(1) });

        mesh.Write("a.yaml", "");
        await mesh.SettleAsync();
        Assert.Empty(mesh.Deleted);

        mesh.Write("a.yaml", Manifest.Service("a", 81));
        await mesh.UntilAsync(_ => mesh.Resources.Values.OfType<Service>().Any(service => service.Spec.Ports!.Value[0].Port == 81));

        mesh.Write("a.yaml", "# removed\n");
        await mesh.SettleAsync();
        Assert.Empty(mesh.Deleted);
        clock.Advance(TimeSpan.FromMinutes(1));
        await mesh.UntilAsync(_ => mesh.Resources.Count == 1);
        Assert.Equal(["a"], mesh.Deleted);
    }

    [Fact]
    public async Task A_fault_that_lasts_is_logged_once_and_its_end_too()
    {
        var clock = new FaultyClock();
        await using var mesh = new ManifestHarness(clock);
        mesh.Write("a.yaml", Manifest.Service("a"));
        await mesh.StartAsync();

        await FailAsync("one");
        await FailAsync("two");
        clock.Fault = null;
        await mesh.SettleAsync();

        Assert.Equal(
            [(LogLevel.Error, "one"), (LogLevel.Error, "two"), (LogLevel.Information, null)],
            mesh.Log.Collector.GetSnapshot().Where(static r => r.Id.Name!.StartsWith("ManifestScan", StringComparison.Ordinal)).Select(static r => (r.Level, r.Exception?.Message)));

        async Task FailAsync(string fault)
        {
            var before = clock.Faults;
            clock.Fault = fault;
            while (clock.Faults < before + 5)
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
            }
        }
    }

    private sealed class FaultyClock : FakeTimeProvider
    {
        private volatile string? _fault;
        private int _faults;

        public string? Fault
        {
            get => _fault;
            set => _fault = value;
        }

        public int Faults => Volatile.Read(ref _faults);

        public override long GetTimestamp()
        {
            if (_fault is not { } fault)
            {
                return base.GetTimestamp();
            }

            Interlocked.Increment(ref _faults);
            throw new InvalidOperationException(fault);
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_syntax_error_keeps_the_whole_file_says_so_and_recovers(bool poll)
    {
        await using var mesh = Harness(poll);
        mesh.Write("a.yaml", Manifest.Documents(Manifest.Route("r", 90), Manifest.Service("a")));
        await mesh.StartAsync(Options(poll));

        mesh.Replace("a.yaml", Manifest.Documents(Manifest.Route("r", 10), "kind: [\n"));
        await mesh.UntilAsync(_ => mesh.Problems.Count == 1);
        await mesh.SettleAsync();
        Assert.Equal(90, Weight(mesh));
        Assert.Equal(["a", "r"], mesh.Names);
        Assert.Equal("InvalidManifest", mesh.Problems[0].Code);
        Assert.EndsWith("a.yaml", mesh.Problems[0].File, StringComparison.Ordinal);
        Assert.EndsWith("the last good version stays in force", mesh.Problems[0].Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', mesh.Problems[0].ToString());

        mesh.Replace("a.yaml", Manifest.Documents(Manifest.Route("r", 20), Manifest.Service("a")));
        await mesh.UntilAsync(_ => Weight(mesh) == 20);
        Assert.Empty(mesh.Problems);
        Assert.Empty(mesh.Deleted);
    }

    [Fact]
    public async Task An_object_that_cannot_be_read_keeps_its_last_version_while_its_neighbours_change()
    {
        await using var mesh = new ManifestHarness();
        mesh.Write("a.yaml", Manifest.Documents(Manifest.Route("r", 90), Manifest.Service("a", 1), Manifest.Service("gone")));
        await mesh.StartAsync();

        mesh.Replace("a.yaml", Manifest.Documents(Manifest.Route("r", "ten"), Manifest.Service("a", 2)));
        await mesh.UntilAsync(_ => mesh.Problems.Count == 1);

        Assert.Equal(90, Weight(mesh));
        Assert.Equal(2, mesh.Resources.Values.OfType<Service>().Single().Spec.Ports!.Value[0].Port);
        Assert.Equal(["gone"], mesh.Deleted);

        mesh.Replace("a.yaml", Manifest.Service("a", 2));
        await mesh.UntilAsync(_ => mesh.Problems.Count == 0);
        Assert.Equal(["a"], mesh.Names);
    }

    [Fact]
    public async Task What_cannot_be_told_by_name_keeps_everything_that_is_missing()
    {
        await using var mesh = new ManifestHarness();
        mesh.Write("a.yaml", Manifest.Documents(Manifest.Route("r", 90), Manifest.Service("a")));
        await mesh.StartAsync();

        mesh.Replace("a.yaml", Manifest.Documents(Manifest.Route("", 10), Manifest.Service("a", 81)));
        await mesh.UntilAsync(_ => mesh.Problems.Count == 1);

        Assert.Equal(["a", "r"], mesh.Names);
        Assert.Empty(mesh.Deleted);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task An_object_that_moves_to_another_file_is_one_upsert_and_no_delete(bool poll)
    {
        await using var mesh = Harness(poll);
        mesh.Write("a.yaml", Manifest.Service("s"));
        await mesh.StartAsync(Options(poll));

        File.Move(mesh.PathOf("a.yaml"), mesh.PathOf("b.yaml"));
        var change = await mesh.NextAsync();

        Assert.Equal(mesh.PathOf("b.yaml"), Assert.Single(change.Upserts).Origin!.File);
        Assert.Empty(change.Deletes);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_config_map_mount_is_read_through_its_visible_names_and_followed_when_it_swaps(bool poll)
    {
        await using var mesh = Harness(poll);
        WriteVersion("..2026_01", 90);
        Directory.CreateSymbolicLink(mesh.PathOf("..data"), "..2026_01");
        File.CreateSymbolicLink(mesh.PathOf("a.yaml"), "..data/a.yaml");
        File.CreateSymbolicLink(mesh.PathOf("b.yaml"), "..data/b.yaml");
        await mesh.StartAsync(Options(poll));
        Assert.Equal(["b", "r"], mesh.Names);
        Assert.Empty(mesh.Problems);
        Assert.Equal(mesh.PathOf("a.yaml"), mesh.Resources.Values.OfType<HttpRoute>().Single().Origin!.File);

        await mesh.AgeAsync();
        WriteVersion("..2026_02", 10);
        Directory.CreateSymbolicLink(mesh.PathOf("..data_tmp"), "..2026_02");
        Rename(mesh.PathOf("..data_tmp"), mesh.PathOf("..data"));
        Directory.Delete(mesh.PathOf("..2026_01"), recursive: true);
        await mesh.NextAsync();

        Assert.Equal(10, Weight(mesh));
        Assert.Equal("r", Assert.Single(Assert.Single(mesh.Changes).Upserts).Metadata.Name);
        Assert.Empty(mesh.Deleted);

        // Same lengths and times: only where the links lead tells one version from the other.
        void WriteVersion(string directory, int weight)
        {
            mesh.Write($"{directory}/a.yaml", Manifest.Route("r", weight));
            mesh.Write($"{directory}/b.yaml", Manifest.Service("b"));
            File.SetLastWriteTimeUtc(mesh.PathOf($"{directory}/a.yaml"), new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
            File.SetLastWriteTimeUtc(mesh.PathOf($"{directory}/b.yaml"), new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        }
    }

    [Fact]
    public async Task A_same_sized_rewrite_with_the_same_time_is_found_all_the_same()
    {
        await using var mesh = new ManifestHarness();
        mesh.Write("a.yaml", Manifest.Route("r", 90));
        var time = File.GetLastWriteTimeUtc(mesh.PathOf("a.yaml"));
        await mesh.StartAsync();

        mesh.Write("a.yaml", Manifest.Route("r", 10));
        File.SetLastWriteTimeUtc(mesh.PathOf("a.yaml"), time);

        await mesh.UntilAsync(_ => Weight(mesh) == 10);
    }

    [Fact]
    public async Task Touching_a_file_or_rewriting_it_unchanged_is_no_event()
    {
        await using var mesh = new ManifestHarness();
        mesh.Write("a.yaml", Manifest.Service("a"));
        await mesh.StartAsync();

        mesh.Replace("a.yaml", Manifest.Service("a"));
        mesh.Write("a.yaml", Manifest.Service("a") + "status: {}\n");
        await mesh.SettleAsync();

        Assert.All(mesh.Changes.SelectMany(change => change.Upserts), resource => Assert.Equal("marker", resource.Metadata.Name));
    }

    [Fact]
    public async Task A_configured_directory_that_vanishes_is_a_fault_and_not_an_order_to_delete()
    {
        await using var mesh = new ManifestHarness();
        mesh.Write("mesh/a.yaml", Manifest.Service("a"));
        await mesh.StartAsync("mesh");

        Directory.Move(mesh.PathOf("mesh"), mesh.PathOf("away"));
        await mesh.UntilAsync(_ => mesh.Problems.Count == 1);
        Assert.Equal(["a"], mesh.Names);
        Assert.Contains("gone", mesh.Problems[0].Message, StringComparison.Ordinal);

        mesh.Write("away/a.yaml", Manifest.Service("a", 81));
        Directory.Move(mesh.PathOf("away"), mesh.PathOf("mesh"));
        await mesh.UntilAsync(_ => mesh.Problems.Count == 0);
        Assert.Equal(81, mesh.Resources.Values.OfType<Service>().Single().Spec.Ports!.Value[0].Port);
        Assert.Empty(mesh.Deleted);
    }

    [Fact]
    public async Task Links_in_a_circle_and_links_to_nowhere_are_survived()
    {
        await using var mesh = new ManifestHarness();
        mesh.Write("sub/a.yaml", Manifest.Service("a"));
        Directory.CreateSymbolicLink(mesh.PathOf("sub/up"), "..");
        File.CreateSymbolicLink(mesh.PathOf("dangling.yaml"), "nothing.yaml");
        File.CreateSymbolicLink(mesh.PathOf("self.yaml"), "self.yaml");

        await mesh.StartAsync();

        Assert.Equal(["a"], mesh.Names);
        Assert.Equal([mesh.PathOf("dangling.yaml"), mesh.PathOf("self.yaml")], mesh.Problems.Select(problem => problem.File!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_burst_of_writes_is_one_event()
    {
        var clock = new FakeTimeProvider();
        await using var mesh = new ManifestHarness(clock);
        await mesh.StartAsync(Options(poll: true));

        for (var i = 0; i < 20; i++)
        {
            mesh.Write($"f{i}.yaml", Manifest.Service($"s{i}"));
        }

        await mesh.NextAsync();
        Assert.Equal(20, mesh.Resources.Count);
    }

    private static ManifestHarness Harness(bool poll) => new(poll ? new FakeTimeProvider(TimeProvider.System.GetUtcNow()) : null);

    private static ManifestSourceOptions Options(bool poll) => poll
        ? new() { UseSystemNotices = false }
        : new() { PollInterval = TimeSpan.FromHours(1) };

    private static int Weight(ManifestHarness mesh) =>
        mesh.Resources.Values.OfType<HttpRoute>().SingleOrDefault()?.Spec.Rules!.Value[0].BackendRefs!.Value[0].Weight ?? -1;

    /// <summary>rename(2): File.Move refuses to put a link over a link to a directory.</summary>
    private static void Rename(string from, string to)
    {
        using var move = System.Diagnostics.Process.Start("mv", ["-T", from, to]);
        move.WaitForExit();
        Assert.Equal(0, move.ExitCode);
    }
}
