using System.Globalization;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Schemas;

namespace MeshSdk.Testing.Tables;

/// <summary>What <c>kubectl get pods</c> tells of a pod.</summary>
internal static class PodCells
{
    public static string Ready(JsonObject pod)
    {
        var ready = Items(pod["status"]?["containerStatuses"]).Count(status => status["ready"]?.ToString() == "true");
        return $"{ready}/{Items(pod["spec"]?["containers"]).Count()}";
    }

    /// <summary>The phase, or what keeps the pod from running, or that it is going away.</summary>
    public static string Status(JsonObject pod)
    {
        var phase = BuiltInCells.TextOr(pod["status"]?["phase"], "Unknown");
        var reason = BuiltInCells.TextOr(pod["status"]?["reason"], phase);
        var initializing = Initializing(pod);
        if (initializing is not null)
        {
            reason = initializing;
        }
        else
        {
            reason = Containers(pod, reason);
        }

        if (pod["metadata"]?["deletionTimestamp"] is null)
        {
            return reason;
        }

        return pod["status"]?["reason"]?.ToString() == "NodeLost" ? "Unknown" : phase is "Succeeded" or "Failed" ? reason : "Terminating";
    }

    public static string Restarts(JsonObject pod, DateTimeOffset now)
    {
        var statuses = Items(pod["status"]?["containerStatuses"]).ToArray();
        var restarts = statuses.Sum(status => BuiltInCells.Number(status["restartCount"]));
        var last = statuses.Select(status => PlainJson.String(status["lastState"]?["terminated"]?["finishedAt"])).Max(StringComparer.Ordinal);
        return restarts > 0 && last is not null ? $"{restarts} ({Ages.Of(last, now)} ago)" : restarts.ToString(CultureInfo.InvariantCulture);
    }

    public static string Gates(JsonObject pod)
    {
        var gates = Items(pod["spec"]?["readinessGates"]).Select(gate => gate["conditionType"]?.ToString()).ToArray();
        var open = Items(pod["status"]?["conditions"]).Count(condition =>
            gates.Contains(condition["type"]?.ToString()) && condition["status"]?.ToString() == "True");
        return gates.Length > 0 ? $"{open}/{gates.Length}" : "<none>";
    }

    private static string? Initializing(JsonObject pod)
    {
        var all = Items(pod["spec"]?["initContainers"]).Count();
        var done = 0;
        foreach (var status in Items(pod["status"]?["initContainerStatuses"]))
        {
            var state = status["state"];
            if (state?["terminated"] is { } end)
            {
                if (BuiltInCells.Number(end["exitCode"]) == 0)
                {
                    done++;
                    continue;
                }

                return "Init:" + Ended(end);
            }

            if (status["started"]?.ToString() == "true" && status["ready"]?.ToString() == "true")
            {
                // A sidecar that runs holds nobody up.
                done++;
                continue;
            }

            var waiting = PlainJson.String(state?["waiting"]?["reason"]);
            return waiting is { Length: > 0 } and not "PodInitializing" ? "Init:" + waiting : $"Init:{done}/{all}";
        }

        return null;
    }

    private static string Containers(JsonObject pod, string reason)
    {
        var running = false;
        foreach (var status in Items(pod["status"]?["containerStatuses"]).Reverse())
        {
            var state = status["state"];
            if (PlainJson.String(state?["waiting"]?["reason"]) is { Length: > 0 } waiting)
            {
                reason = waiting;
            }
            else if (state?["terminated"] is { } end)
            {
                reason = Ended(end);
            }
            else if (status["ready"]?.ToString() == "true" && state?["running"] is not null)
            {
                running = true;
            }
        }

        if (reason != "Completed" || !running)
        {
            return reason;
        }

        var isReady = Items(pod["status"]?["conditions"]).Any(condition => condition["type"]?.ToString() == "Ready" && condition["status"]?.ToString() == "True");
        return isReady ? "Running" : "NotReady";
    }

    private static string Ended(JsonNode end) =>
        PlainJson.String(end["reason"]) is { Length: > 0 } reason ? reason
        : BuiltInCells.Number(end["signal"]) is not 0 and var signal ? $"Signal:{signal}"
        : $"ExitCode:{BuiltInCells.Number(end["exitCode"])}";

    private static IEnumerable<JsonObject> Items(JsonNode? list) => (list as JsonArray)?.OfType<JsonObject>() ?? [];
}
