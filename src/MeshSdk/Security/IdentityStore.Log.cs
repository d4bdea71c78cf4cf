using Microsoft.Extensions.Logging;

namespace MeshSdk.Security;

internal sealed partial class IdentityStore
{
    private const string Advice = "See Mesh:Identity for where it can come from.";

    /// <summary>What whoever needs an identity is told, while there is none.</summary>
    public IdentityUnavailableException Unavailable()
    {
        if (_isDisposed)
        {
            return new IdentityUnavailableException("the mesh has been disposed of");
        }

        if (!HasSource)
        {
            return new IdentityUnavailableException($"this process has no identity in the mesh: {Source}. {Advice}");
        }

        var reason = _failure is { } failure ? $": {Sentence(failure.Message)}" : ", and has not said why.";
        var what = _held is { } expired
            ? $"the identity of this process, {NameOf(expired.Context.Identity)}, has expired at {expired.NotAfter:u}, and {Source} gives no newer one"
            : $"{Source} has not given this process an identity within {_patience.TotalSeconds:0.###} s of the start (Mesh:Startup:Timeout)";
        return new IdentityUnavailableException($"{what}{reason} {Advice}", _failure);
    }

    private void LogAdopted(MeshIdentity identity)
    {
        var certificate = identity.Certificate;
        LogAdopted(NameOf(identity), certificate.SerialNumber, ExpiryOf(identity), Source);
        if (new DateTimeOffset(certificate.NotBefore.ToUniversalTime()) is var begin && begin > _time.GetUtcNow())
        {
            // Peers go by clocks of their own: it is theirs to refuse it.
            LogNotYetValid(begin);
        }
    }

    private void OnAlarm(ExpiryStage stage)
    {
        if (_held is not { } held)
        {
            return;
        }

        var (id, failure) = (NameOf(held.Context.Identity), Sentence(_failure?.Message ?? "no newer one has come"));
        switch (stage)
        {
            case ExpiryStage.Half when _failure is not null:
            case ExpiryStage.LastQuarter when !ReferenceEquals(_warned, held):
                _warned = held;
                LogExpiring(LogLevel.Warning, id, held.NotAfter, Source, failure);
                break;
            case ExpiryStage.LastTenth:
                LogExpiring(LogLevel.Error, id, held.NotAfter, Source, failure);
                break;
            case ExpiryStage.Expired:
                LogExpired(id, held.NotAfter, Source, failure);
                break;
        }
    }

    private void Tell(IdentityContext context)
    {
        foreach (var listener in Delegate.EnumerateInvocationList(Changed))
        {
            try
            {
                listener(context);
            }
#pragma warning disable CA1031 // The identity is in force whatever those make of it who want to know, and one of them must not keep it from the others.
            catch (Exception e)
#pragma warning restore CA1031
            {
                LogListenerFailed(e);
            }
        }
    }

    private static string Sentence(string text) => text.EndsWith('.') ? text : text + ".";

    [LoggerMessage(1, LogLevel.Information, "The mesh identity {Id} is in force: serial number {Serial}, valid until {NotAfter:u}, from {Source}.", EventName = "IdentityAdopted")]
    private partial void LogAdopted(string id, string serial, DateTimeOffset notAfter, string source);

    [LoggerMessage(EventId = 2, EventName = "IdentityFailing", Message = "{Source} gives no mesh identity, or no newer one: {Reason}")]
    private partial void LogFailing(LogLevel level, string source, string reason);

    [LoggerMessage(3, LogLevel.Information, "The mesh identity can be had again from {Source}, and is the one that is in force.", EventName = "IdentityRecovered")]
    private partial void LogRecovered(string source);

    [LoggerMessage(EventId = 4, EventName = "IdentityExpiring", Message = "The mesh identity {Id} expires at {NotAfter:u}, and {Source} has not renewed it: {Reason}")]
    private partial void LogExpiring(LogLevel level, string id, DateTimeOffset notAfter, string source, string reason);

    [LoggerMessage(
        5, LogLevel.Error, "The mesh identity {Id} has expired at {NotAfter:u}; calls that need one are refused until {Source} gives a newer one: {Reason}", EventName = "IdentityExpired")]
    private partial void LogExpired(string id, DateTimeOffset notAfter, string source, string reason);

    [LoggerMessage(6, LogLevel.Warning, "The mesh identity is valid from {NotBefore:u} on only, which is yet to come: peers will refuse it, or this clock is wrong.", EventName = "IdentityNotYetValid")]
    private partial void LogNotYetValid(DateTimeOffset notBefore);

    [LoggerMessage(7, LogLevel.Error, "What the application does when the mesh identity changes has failed.", EventName = "IdentityListenerFailed")]
    private partial void LogListenerFailed(Exception error);
}
