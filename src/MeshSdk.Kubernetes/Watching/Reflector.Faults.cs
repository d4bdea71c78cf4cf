using System.Net;
using System.Text.Json;
using MeshSdk.Kubernetes.Connection;
using MeshSdk.Sources;

namespace MeshSdk.Kubernetes.Watching;

// What each way to fail means for the set, and how long to wait after it.
internal sealed partial class Reflector
{
    // The server refuses, and will until somebody grants something: to ask more often helps nobody.
    private static readonly TimeSpan ForbiddenInterval = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan NotInstalledInterval = TimeSpan.FromSeconds(30);

    // A server that starts may not know the kinds of its CRDs for a moment. Objects that were there are not taken for gone that fast.
    private static readonly TimeSpan AbsenceBelieved = TimeSpan.FromSeconds(10);

    // Whatever a server may say.
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(10);

    private long? _absentSince;

    private async Task<Pause> AttemptAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await FollowAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (ApiFaultException fault)
        {
            // What came before the refusal counts, and the refusal itself is no word of the set.
            TellChanges();
            return Refused(fault);
        }
        catch (HttpRequestException fault)
        {
            // A handshake that fails is no outage: the server is there, and what is wrong will not mend itself by the second.
            return Failed(
                $"the API server {context.Connection.Server.Authority} cannot be reached: {Innermost(fault)}",
                endsOnRecovery: fault.HttpRequestError != HttpRequestError.SecureConnectionError);
        }
        catch (Exception fault) when (fault is IOException or InvalidDataException or TimeoutException or JsonException or OperationCanceledException)
        {
            return Failed($"the answer of the API server broke off or cannot be read: {Innermost(fault)}");
        }
        catch (ConnectionException fault)
        {
            return Failed(fault.Message);
        }
        catch (ObjectDisposedException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed("the connection has been closed");
        }
#pragma warning disable CA1031 // A mistake in here must not end the following of a set without a word.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            LogUnexpected(fault, target);
            _version = null;
            return Failed($"an unexpected fault: {fault.Message}");
        }
    }

    private Pause Refused(ApiFaultException fault)
    {
        if (fault.NeedsRelist)
        {
            context.Metrics.Ended(target.Kind.Kind, WatchEnd.Expired);
            LogExpired(target, fault.Message);
            _version = null;
            if (fault.IsServerBehind)
            {
                _set.ForgetVersions();
            }

            return _relists++ == 0 ? Pause.None : new(_backoff.Next());
        }

        if (fault.Verb == "watch")
        {
            context.Metrics.Ended(target.Kind.Kind, WatchEnd.Refused);
        }

        switch (fault.Code)
        {
            case HttpStatusCode.NotFound:
                _version = null;
                _candidate++;
                return _candidate < _candidates?.Count ? Pause.None : NotInstalled();

            case HttpStatusCode.Forbidden:
                _candidates = null;
                Tell(WatchState.Forbidden, RbacAdvice.For(target, fault));
                return new(_backoff.AtLeast(ForbiddenInterval));

            case HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity when _asksForInitialEvents:
                return LacksInitialEvents(fault.Message);

            case HttpStatusCode.Unauthorized:
                return Failed($"the API server does not accept the credentials of {context.Connection.Origin}: {fault.Message}");

            default:
                var pause = Failed(fault.Message);
                return fault.RetryAfter is { } stated ? new(_backoff.AtLeast(stated < LongestRetryAfter ? stated : LongestRetryAfter)) : pause;
        }
    }

    private Pause NotInstalled()
    {
        context.Versions.Forget(target.Kind.Group);
        _candidates = null;
        _version = null;
        _absentSince ??= _time.GetTimestamp();
        if (_set.Count > 0 && _time.GetElapsedTime(_absentSince.Value) < AbsenceBelieved)
        {
            return Failed("the API server does not know the kind at the moment");
        }

        Contact();
        _set.Clear();
        Tell(WatchState.NotInstalled, $"the API server does not know {target.Resource}; it is looked for again every {NotInstalledInterval.TotalSeconds} seconds");
        return new(_backoff.AtLeast(NotInstalledInterval));
    }

    private Pause InitialEnded(string reason, Exception? fault) => reason is WatchEnd.Closed or WatchEnd.Silent
        ? LacksInitialEvents($"the watch that was to begin with all objects did not come to the end of them ({reason})")
        : Ended(reason, fault, wasGood: false);

    private Pause LacksInitialEvents(string reason)
    {
        if (context.Features.LacksInitialEvents())
        {
            LogNoInitialEvents(reason);
        }

        return Pause.None;
    }

    private Pause Ended(string reason, Exception? fault, bool wasGood)
    {
        LogEnded(target, reason, fault?.Message ?? "");
        if (reason == WatchEnd.Cut)
        {
            // Until now the watch was open, which is word enough: how long the set has gone unheard of counts from here.
            Contact();
        }

        if (reason == WatchEnd.Garbled)
        {
            LogGarbled(target);
            _version = null;
            return new(_backoff.Next());
        }

        if (wasGood)
        {
            _backoff.Reset();
            _relists = 0;
        }

        // An end in good order is no fault, but an end that comes at once, again and again, must not become a storm. No part of this makes the set stale:
        // that takes an attempt to open the next watch that fails.
        return reason == WatchEnd.Cut || !wasGood ? new(_backoff.Next(), EndsOnRecovery: context.Connection.Outage.IsDown) : Pause.None;
    }

    private Pause Failed(string detail, bool endsOnRecovery = false)
    {
        Tell(_condition.IsKnown ? WatchState.Stale : WatchState.Pending, detail);
        return new(_backoff.Next(), endsOnRecovery);
    }

    private static string Innermost(Exception fault)
    {
        // What a handshake failed for stands at the bottom; "see inner exception" helps nobody.
        while (fault.InnerException is { } inner)
        {
            fault = inner;
        }

        return fault.Message;
    }
}
