using MeshSdk.Security.Handshakes;

namespace MeshSdk.Tests.Security.Handshakes;

public sealed class TlsSessionsTests
{
    private const string Name = "outbound_.80_._.backend.test.svc.cluster.local";

    private static readonly DateTimeOffset Now = new(2031, 5, 4, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void None_is_offered_for_a_day_after_a_refusal_whoever_else_is_accepted()
    {
        var sessions = new TlsSessions();
        sessions.Accepted(Name, null, Now.AddYears(1).UtcDateTime);
        sessions.Refused(Name, Now);
        sessions.Accepted(Name, null, Now.AddYears(1).UtcDateTime);

        Assert.False(sessions.MayResume(Name, null, Now.AddHours(23)));
        Assert.True(sessions.MayResume("another", null, Now));
        Assert.True(sessions.MayResume(Name, null, Now.AddHours(24)));
        Assert.True(sessions.MayResume(Name, null, Now.AddHours(25)));
    }

    [Fact]
    public void None_is_offered_for_a_day_after_a_certificate_in_one_has_expired()
    {
        var sessions = new TlsSessions();
        sessions.Accepted(Name, null, Now.UtcDateTime);

        Assert.False(sessions.MayResume(Name, null, Now));
        Assert.False(sessions.MayResume(Name, null, Now.AddHours(23)));
        Assert.True(sessions.MayResume(Name, null, Now.AddHours(24)));
    }
}
