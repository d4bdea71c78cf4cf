using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Kubernetes.StatusWriting;

/// <summary>
/// Lets one of several processes work at a time, by a Lease. A process goes by its own clock alone: a Lease has run out when it has not been seen to change for
/// as long as it holds, and whoever cannot renew stops well before that, so that no two work at once while their clocks run at the same rate.
/// </summary>
/// <param name="objects">The API server.</param>
/// <param name="options">Which Lease, and how long it holds.</param>
/// <param name="ns">Of the Lease.</param>
/// <param name="identity">This process.</param>
/// <param name="time">For all waits.</param>
/// <param name="logger">Told of every change of leadership.</param>
internal sealed partial class LeaderElection(
    ApiObjects objects, MeshRouteStatusOptions options, string ns, string identity, TimeProvider time, ILogger logger)
{
    private readonly string _collection = $"apis/coordination.k8s.io/v1/namespaces/{Uri.EscapeDataString(ns)}/leases";
    private readonly TimeSpan _duration = options.LeaseDuration;

    // The parts that client-go has: two thirds to renew in, so that the rest is for what is under way to end; and several attempts in that.
    private readonly TimeSpan _renewWithin = options.LeaseDuration * 2 / 3;
    private readonly TimeSpan _retry = options.LeaseDuration * 2 / 15;

    private string? _seen;
    private long _seenAt;
    private string? _told;

    // The last look found another holder.
    private bool _isAnothers;

    private string Path => $"{_collection}/{Uri.EscapeDataString(options.LeaseName)}";

    /// <summary>
    /// Runs <paramref name="lead"/> whenever this process is elected, and cancels it when it is so no longer. Returns when cancelled; throws what the work throws
    /// of its own accord.
    /// </summary>
    public async Task RunAsync(Func<CancellationToken, Task> lead, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                // From the question on, not from the answer: others count from the moment at which the server took it.
                var asked = time.GetTimestamp();
                while (!await TryHoldAsync(cancellationToken).ConfigureAwait(false) || time.GetElapsedTime(asked) >= _renewWithin)
                {
                    await Task.Delay(_retry, time, cancellationToken).ConfigureAwait(false);
                    asked = time.GetTimestamp();
                }

                LogElected(identity, ns, options.LeaseName);
                await LeadAsync(lead, asked, cancellationToken).ConfigureAwait(false);
                LogLost(identity, ns, options.LeaseName);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await ReleaseAsync().ConfigureAwait(false);
        }
    }

    private async Task LeadAsync(Func<CancellationToken, Task> lead, long renewed, CancellationToken cancellationToken)
    {
        using var leading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var work = lead(leading.Token);
        try
        {
            await RenewAsync(work, renewed, leading.Token).ConfigureAwait(false);
        }
        finally
        {
            var isAsked = leading.IsCancellationRequested || !work.IsCompleted;
            await leading.CancelAsync().ConfigureAwait(false);
            try
            {
                await work.ConfigureAwait(false);
            }
#pragma warning disable CA1031 // Whatever work meets with when it is to stop, such as a request that breaks off: it has stopped, which is all that was asked.
            catch (Exception fault) when (isAsked)
#pragma warning restore CA1031
            {
                LogEnded(fault.Message);
            }
        }
    }

    /// <summary>Returns when the Lease could not be renewed in time, or is another one's.</summary>
    private async Task RenewAsync(Task work, long renewed, CancellationToken cancellationToken)
    {
        while (!work.IsCompleted)
        {
            var rest = _renewWithin - time.GetElapsedTime(renewed);
            await Task.WhenAny(work, Task.Delay(rest < _retry ? Positive(rest) : _retry, time, cancellationToken)).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            var left = _renewWithin - time.GetElapsedTime(renewed);
            if (left <= TimeSpan.Zero)
            {
                return;
            }

            // An answer that does not come must not hold up the end.
            using var deadline = new CancellationTokenSource(left, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
            var asked = time.GetTimestamp();
            try
            {
                if (await TryHoldAsync(either.Token).ConfigureAwait(false))
                {
                    renewed = asked;
                }
                else if (_isAnothers)
                {
                    return;
                }
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private static TimeSpan Positive(TimeSpan span) => span > TimeSpan.Zero ? span : TimeSpan.Zero;

    /// <summary>Takes the Lease, or renews it.</summary>
    private async Task<bool> TryHoldAsync(CancellationToken cancellationToken)
    {
        _isAnothers = false;
        try
        {
            var found = await objects.FindAsync(Path, cancellationToken).ConfigureAwait(false);
            if (found is null)
            {
                var made = Lease.Held(Lease.New(ns, options.LeaseName), identity, _duration, time.GetUtcNow());
                return Note(await objects.CreateAsync(_collection, made, cancellationToken).ConfigureAwait(false));
            }

            var lease = new Lease(found);
            if (lease.Renewal != _seen)
            {
                (_seen, _seenAt) = (lease.Renewal, time.GetTimestamp());
            }

            _isAnothers = lease.Holder.Length > 0 && lease.Holder != identity;
            if (_isAnothers && time.GetElapsedTime(_seenAt) < lease.Duration)
            {
                return false;
            }

            var held = Lease.Held(found, identity, _duration, time.GetUtcNow());
            return Note(await objects.ReplaceAsync(Path, held, cancellationToken).ConfigureAwait(false));
        }
        catch (StatusFault fault) when (fault.Code == HttpStatusCode.Conflict)
        {
            // Another one was first.
            return false;
        }
        catch (Exception fault) when (fault is StatusFault or HttpRequestException or Connection.ConnectionException or IOException)
        {
            if (fault.Message != _told)
            {
                LogFault(ns, options.LeaseName, fault.Message);
                _told = fault.Message;
            }

            return false;
        }
    }

    private bool Note(JsonObject? lease)
    {
        if (lease is null)
        {
            return false;
        }

        (_seen, _seenAt, _told, _isAnothers) = (new Lease(lease).Renewal, time.GetTimestamp(), null, false);
        return true;
    }

    /// <summary>Gives it back at the end, so that nobody has to wait for it to run out.</summary>
    private async Task ReleaseAsync()
    {
        try
        {
            if (await objects.FindAsync(Path, CancellationToken.None).ConfigureAwait(false) is { } found && new Lease(found).Holder == identity)
            {
                await objects.ReplaceAsync(Path, Lease.Held(found, "", TimeSpan.FromSeconds(1), time.GetUtcNow()), CancellationToken.None).ConfigureAwait(false);
            }
        }
#pragma warning disable CA1031 // The process ends, whatever becomes of this.
        catch (Exception)
#pragma warning restore CA1031
        {
            // It runs out by itself.
        }
    }

    [LoggerMessage(1, LogLevel.Information, "{Identity} holds the Lease {Namespace}/{Name} and writes route status.", EventName = "Elected")]
    private partial void LogElected(string identity, string @namespace, string name);

    [LoggerMessage(2, LogLevel.Warning, "{Identity} holds the Lease {Namespace}/{Name} no longer and writes no route status.", EventName = "Lost")]
    private partial void LogLost(string identity, string @namespace, string name);

    [LoggerMessage(
        3, LogLevel.Warning, "The Lease {Namespace}/{Name} cannot be had, which is tried again: {Reason} (it takes get, create and update on leases)", EventName = "NoLease")]
    private partial void LogFault(string @namespace, string name, string reason);

    [LoggerMessage(4, LogLevel.Debug, "What was under way when the Lease was lost ended so: {Reason}", EventName = "Ended")]
    private partial void LogEnded(string reason);
}
