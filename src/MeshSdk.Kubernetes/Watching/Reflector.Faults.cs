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
            return await RefusedAsync(fault, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException fault)
        {
            // A handshake that fails is no outage: the server is there, and what is wrong will not mend itself by the second.
            return Failed(
                $"the API server {context.Connection.Server.Authority} cannot be reached: {Innermost(fault)}",
                endsOnRecovery: !HandshakeFault.IsRefusal(fault));
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

    private async Task<Pause> RefusedAsync(ApiFaultException fault, CancellationToken cancellationToken)
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

            if (fault.IsServerBehind || fault.Verb == "list")
            {
                // Not even that: what is true now is all that there is.
                _oldest = null;
            }

            // A server that forgets its changes forgets them for all watches at the same moment.
            return new(_relists++ == 0 ? _backoff.Within(Backoff.Shortest) : _backoff.Next());
        }

        if (fault.Verb == "watch")
        {
            context.Metrics.Ended(target.Kind.Kind, WatchEnd.Refused);
        }

        switch (fault.Code)
        {
            case HttpStatusCode.NotFound when !_condition.IsKnown && target.Kind is { Group: "", Kind: "Pod" or "Namespace" }:
                // A server of less than Kubernetes. It is as with what may not be read: known to be unknown, so that what needs it fails and nothing waits for it.
                Tell(WatchState.Forbidden, $"{fault.Message}, as if the API server had no {target.Resource}");
                return new(_backoff.AtLeast(ForbiddenInterval));

            case HttpStatusCode.NotFound when IsBuiltIn:
                return Failed($"{fault.Message}, and every API server has {target.Resource}: something else has answered, or a server that is not ready");

            case HttpStatusCode.NotFound when !fault.IsServers:
                return Failed($"{fault.Message}, and not in a form that an API server would say it in");

            case HttpStatusCode.NotFound:
                _version = null;
                _candidate++;
                return _candidate < _candidates?.Count ? Pause.None : await AbsentAsync(cancellationToken).ConfigureAwait(false);

            case HttpStatusCode.Forbidden when !IsBuiltIn && await IsAbsentAsync(cancellationToken).ConfigureAwait(false):
                // Access is judged before it is looked whether there is such a kind: where nothing is granted it is refused, installed or not.
                return NotInstalled();

            case HttpStatusCode.Forbidden:
                _candidates = null;
                Tell(WatchState.Forbidden, RbacAdvice.For(target, fault));
                return new(_backoff.AtLeast(ForbiddenInterval));

            case HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity when _asksForInitialEvents:
                return RefusesInitialEvents(fault.Message);

            case HttpStatusCode.Unauthorized:
                return Failed($"the API server does not accept the credentials of {context.Connection.Origin}: {fault.Message}");

            default:
                var pause = Failed(fault.Message);
                return fault.RetryAfter is { } stated && stated > pause.Delay
                    ? new(_backoff.AtLeast(stated < LongestRetryAfter ? stated : LongestRetryAfter))
                    : pause;
        }
    }

    /// <summary>Every API server has the kind, whatever else is installed.</summary>
    private bool IsBuiltIn => target.Kind.Group is "" or "discovery.k8s.io";

    /// <summary>None of the kind's paths is there.</summary>
    private async Task<Pause> AbsentAsync(CancellationToken cancellationToken)
    {
        Absence absence;
        try
        {
            absence = await context.Absent.OfAsync(target, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (IsAbsenceUnknown(fault))
        {
            absence = Absence.Unproven($"{target.Resource} is not there, and the API server does not say what it has: {Innermost(fault)}");
        }

        if (absence.Proof != AbsenceProof.None)
        {
            return NotInstalled();
        }

        context.Versions.Forget(target.Kind.Group);
        _candidates = null;
        return new(Failed(absence.Detail).Delay / 2);
    }

    /// <summary>Whether the discovery, which everybody may read who is known to the server, says that there is no such kind.</summary>
    private async Task<bool> IsAbsentAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await context.Absent.OfAsync(target, cancellationToken).ConfigureAwait(false) is { Proof: AbsenceProof.Discovery };
        }
        catch (Exception fault) when (IsAbsenceUnknown(fault))
        {
            return false;
        }
    }

    private static bool IsAbsenceUnknown(Exception fault) =>
        fault is ApiFaultException or HttpRequestException or IOException or JsonException or TimeoutException or ConnectionException;

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

    /// <param name="hasEvents">Something came, and not the mark that ends what was there.</param>
    private Pause InitialEnded(string reason, Exception? fault, bool hasEvents)
    {
        if (reason is not (WatchEnd.Closed or WatchEnd.Silent))
        {
            return Ended(reason, fault, wasGood: false);
        }

        // Silence may be no more than a slow answer: then this set is listed this time, and the others go on as before.
        _listsOnce = true;
        if (hasEvents ? context.Features.IgnoresInitialEvents() : context.Features.WasSilent())
        {
            LogNoInitialEvents($"a watch that was to begin with all objects did not come to the end of them ({reason})");
        }

        return Pause.None;
    }

    private Pause RefusesInitialEvents(string reason)
    {
        if (context.Features.RefusesInitialEvents())
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

        if (wasGood)
        {
            _backoff.Reset();
            _relists = 0;
        }

        if (reason == WatchEnd.Garbled)
        {
            LogGarbled(target);
            _version = null;
            return new(_backoff.Next());
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
