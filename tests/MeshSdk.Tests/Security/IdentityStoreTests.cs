using MeshSdk.Model;
using MeshSdk.Security;
using MeshSdk.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.Security;

public sealed class IdentityStoreTests : IDisposable
{
    private const string Id = "spiffe://cluster.local/ns/shop/sa/cart";

    private readonly FakeTimeProvider _clock = new();
    private readonly MeshCertificateAuthority _authority;
    private readonly FakeLogger _log = new();
    private readonly IdentityStore _store;

    public IdentityStoreTests()
    {
        _authority = new MeshCertificateAuthority(time: _clock);
        _store = new IdentityStore(hasSource: true, _clock, TimeSpan.FromSeconds(10), _log) { Source = "PEM files in /etc/certs" };
    }

    public void Dispose()
    {
        _store.Dispose();
        _authority.Dispose();
    }

    [Fact]
    public async Task A_dial_gets_the_present_identity_at_once()
    {
        var identity = Issue();
        _store.Publish(identity);
        var got = _store.GetAsync(TestContext.Current.CancellationToken);
        Assert.True(got.IsCompletedSuccessfully);
        Assert.Same(identity, (await got).Identity);
        Assert.True(_store.First.IsCompletedSuccessfully);
        Assert.False(_store.IsHopeless);
    }

    [Fact]
    public async Task A_dial_waits_for_the_first_one()
    {
        var waiting = _store.GetAsync(TestContext.Current.CancellationToken).AsTask();
        _clock.Advance(TimeSpan.FromSeconds(9));
        Assert.False(waiting.IsCompleted);
        Assert.False(_store.IsHopeless);
        var identity = Issue();
        _store.Publish(identity);
        Assert.Same(identity, (await waiting).Identity);
    }

    [Fact]
    public async Task The_wait_counts_from_the_start_of_the_mesh_and_ends_with_what_is_wrong()
    {
        _clock.Advance(TimeSpan.FromMinutes(1));
        _store.Start();
        _store.Failed(new InvalidOperationException("/etc/certs lacks key.pem"));
        var waiting = _store.GetAsync(TestContext.Current.CancellationToken).AsTask();
        _clock.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(waiting.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(0.1));
        var error = await Assert.ThrowsAsync<IdentityUnavailableException>(() => waiting.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal(
            "PEM files in /etc/certs has not given this process an identity within 10 s of the start (Mesh:Startup:Timeout): /etc/certs lacks key.pem. "
            + "See Mesh:Identity for where it can come from.",
            error.Message);

        // Nobody waits any longer after that.
        Assert.True(_store.IsHopeless);
        Assert.True(_store.GetAsync(TestContext.Current.CancellationToken).AsTask().IsFaulted);

        // And one that comes all the same is as good as any.
        _store.Publish(Issue());
        Assert.False(_store.IsHopeless);
        Assert.True(_store.GetAsync(TestContext.Current.CancellationToken).AsTask().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Without_a_source_there_is_nothing_to_wait_for()
    {
        using var store = new IdentityStore(hasSource: false, _clock) { Source = "none is configured" };
        Assert.True(store.IsHopeless);
        var error = await Assert.ThrowsAsync<IdentityUnavailableException>(() => store.GetAsync(TestContext.Current.CancellationToken).AsTask());
        Assert.Equal("this process has no identity in the mesh: none is configured. See Mesh:Identity for where it can come from.", error.Message);
    }

    [Fact]
    public async Task A_caller_that_gives_up_ends_its_own_wait_alone()
    {
        using var cancel = new CancellationTokenSource();
        var given = _store.GetAsync(cancel.Token).AsTask();
        var other = _store.GetAsync(TestContext.Current.CancellationToken).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        Assert.False(other.IsCompleted);
        _store.Publish(Issue());
        await other;
    }

    [Fact]
    public async Task An_identity_that_has_expired_is_none()
    {
        _store.Publish(Issue(TimeSpan.FromHours(1)));
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Null(_store.Current);
        Assert.NotNull(_store.Last);
        Assert.True(_store.IsHopeless);
        var error = await Assert.ThrowsAsync<IdentityUnavailableException>(() => _store.GetAsync(TestContext.Current.CancellationToken).AsTask());
        Assert.StartsWith($"the identity of this process, {Id}, has expired at 2000-01-01 01:00:00Z, and PEM files", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_expires_before_the_mesh_is_up_is_waited_for()
    {
        _store.Publish(Issue(TimeSpan.FromSeconds(2)));
        _clock.Advance(TimeSpan.FromSeconds(3));
        var waiting = _store.GetAsync(TestContext.Current.CancellationToken).AsTask();
        Assert.False(waiting.IsCompleted);
        _store.Publish(Issue());
        await waiting;
    }

    [Fact]
    public void What_has_expired_is_refused_and_what_was_before_stays()
    {
        var (present, expired) = (Issue(), Issue(TimeSpan.FromMinutes(-1)));
        _store.Publish(present);
        var changes = 0;
        _store.Changed += _ => changes++;
        var error = Assert.Throws<ArgumentException>(() => _store.Publish(expired));
        Assert.Contains("has expired at", error.Message, StringComparison.Ordinal);
        Assert.Same(present, _store.Current?.Identity);
        Assert.Same(error, _store.Failure);
        Assert.Equal(0, changes);
    }

    [Fact]
    public void A_change_is_told_to_all_and_none_keeps_it_from_the_others()
    {
        var told = new List<MeshIdentity>();
        _store.Changed += static _ => throw new InvalidOperationException("mine");
        _store.Changed += context => told.Add(context.Identity);
        var identity = Issue();
        _store.Publish(identity);
        Assert.Same(identity, Assert.Single(told));
        Assert.Contains(Lines(LogLevel.Error), static line => line.Contains("has failed", StringComparison.Ordinal));
    }

    [Fact]
    public void The_same_one_again_ends_a_failure_and_changes_nothing()
    {
        var identity = Issue();
        _store.Publish(identity);
        var context = _store.Current;
        var changes = 0;
        _store.Changed += _ => changes++;
        _store.Failed(new InvalidOperationException("gone"));
        Assert.NotNull(_store.Failure);
        _store.Publish(identity);
        Assert.Null(_store.Failure);
        Assert.Same(context, _store.Current);
        Assert.Equal(0, changes);
        Assert.Contains(Lines(LogLevel.Information), static line => line.Contains("can be had again", StringComparison.Ordinal));
    }

    [Fact]
    public void Adoption_is_logged_with_who_it_is_and_nothing_of_its_key()
    {
        var issued = _authority.Issue(Id);
        _store.Publish(issued.ToIdentity());
        var line = Assert.Single(Lines(LogLevel.Information));
        Assert.Equal(
            $"The mesh identity {Id} is in force: serial number {issued.Certificate.SerialNumber}, valid until 2000-01-02 00:00:00Z, from PEM files in /etc/certs.", line);
    }

    [Fact]
    public void A_failure_that_stays_the_same_is_logged_once_and_loud_while_there_is_no_identity()
    {
        for (var i = 0; i < 3; i++)
        {
            _store.Failed(new InvalidOperationException("not there"));
        }

        Assert.Contains("not there", Assert.Single(Lines(LogLevel.Error)), StringComparison.Ordinal);
        _store.Publish(Issue());
        _store.Failed(new InvalidOperationException("not there"));
        Assert.Contains("not there", Assert.Single(Lines(LogLevel.Warning)), StringComparison.Ordinal);
    }

    public static TheoryData<double, bool, LogLevel?, string> Ages => new()
    {
        { 0.4, true, null, "" },
        { 0.55, true, LogLevel.Warning, "has not renewed it: the agent is away." },
        { 0.55, false, null, "" },
        { 0.8, false, LogLevel.Warning, "has not renewed it: no newer one has come." },
        { 0.8, true, LogLevel.Warning, "has not renewed it: the agent is away." },
        { 0.95, false, LogLevel.Error, "has not renewed it: no newer one has come." },
        { 1.0, false, LogLevel.Error, "calls that need one are refused" },
    };

    [Theory]
    [MemberData(nameof(Ages))]
    public void A_certificate_that_is_not_renewed_is_warned_of_the_louder_the_older_it_is(double age, bool isFailing, LogLevel? level, string text)
    {
        _store.Publish(Issue(TimeSpan.FromHours(1)));
        if (isFailing)
        {
            _store.Failed(new InvalidOperationException("the agent is away"));
        }

        _log.Collector.Clear();
        _clock.Advance(TimeSpan.FromHours(1) * age + TimeSpan.FromSeconds(1));
        var last = _log.Collector.GetSnapshot() is [.., var line] ? line : null;
        Assert.Equal(level, last?.Level);
        Assert.Contains(text, last?.Message ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_is_renewed_is_not_warned_of()
    {
        _store.Publish(Issue(TimeSpan.FromHours(1)));
        for (var i = 0; i < 10; i++)
        {
            _clock.Advance(TimeSpan.FromMinutes(31));
            _store.Publish(Issue(TimeSpan.FromHours(1)));
        }

        Assert.DoesNotContain(_log.Collector.GetSnapshot(), static line => line.Level > LogLevel.Information);
    }

    [Fact]
    public void One_that_lives_for_years_is_warned_of_in_its_last_ones()
    {
        _store.Publish(Issue(TimeSpan.FromDays(1000)));
        for (var day = 0; day < 740; day += 10)
        {
            _clock.Advance(TimeSpan.FromDays(10));
        }

        Assert.DoesNotContain(_log.Collector.GetSnapshot(), static line => line.Level > LogLevel.Information);
        _clock.Advance(TimeSpan.FromDays(20));
        Assert.Single(Lines(LogLevel.Warning));
    }

    [Fact]
    public async Task Those_who_wait_when_the_mesh_goes_away_are_let_go()
    {
        var waiting = _store.GetAsync(TestContext.Current.CancellationToken).AsTask();
        _store.Dispose();
        Assert.Equal("the mesh has been disposed of", (await Assert.ThrowsAsync<IdentityUnavailableException>(() => waiting)).Message);
        _store.Publish(Issue());
        Assert.Null(_store.Last);
    }

    [Fact]
    public void What_holds_for_the_mesh_is_where_handshakes_find_it()
    {
        Assert.Equal(MeshSettings.Default, _store.Mesh);
        var settings = new MeshSettings { TrustDomainAliases = ["old.example"] };
        _store.Mesh = settings;
        Assert.Same(settings, _store.Mesh);
    }

    private MeshIdentity Issue(TimeSpan? lifetime = null) =>
        _authority.Issue(Id, new MeshTestCertificateOptions { NotBefore = _clock.GetUtcNow().AddHours(-1), Lifetime = lifetime ?? TimeSpan.FromDays(1) }).ToIdentity();

    private IEnumerable<string> Lines(LogLevel level) => _log.Collector.GetSnapshot().Where(line => line.Level == level).Select(static line => line.Message);
}
