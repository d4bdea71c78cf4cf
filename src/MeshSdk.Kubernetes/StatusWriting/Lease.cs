using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshSdk.Kubernetes.StatusWriting;

/// <summary>A Lease of <c>coordination.k8s.io/v1</c>, as far as an election needs it.</summary>
/// <param name="Content">All of it, with the version that a replacement has to name.</param>
internal sealed record Lease(JsonObject Content)
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    /// <summary>Empty where nobody holds it.</summary>
    public string Holder => Spec.Text("holderIdentity") ?? "";

    public TimeSpan Duration => TimeSpan.FromSeconds(Spec.Number("leaseDurationSeconds") ?? 0);

    /// <summary>Two that are equal are of one renewal.</summary>
    public string Renewal => $"{Holder} {Spec.Text("renewTime")} {Spec.Number("leaseTransitions")}";

    private JsonObject Spec => Content["spec"] as JsonObject ?? [];

    public static JsonObject New(string ns, string name) => new()
    {
        ["apiVersion"] = "coordination.k8s.io/v1",
        ["kind"] = "Lease",
        ["metadata"] = new JsonObject { ["namespace"] = ns, ["name"] = name },
    };

    /// <summary>The Lease as it is to be from now on.</summary>
    /// <param name="basis">As it is.</param>
    /// <param name="holder">Empty: nobody's.</param>
    /// <param name="duration">How long it holds without renewal.</param>
    /// <param name="now">The time of the renewal, for people: no other process goes by this one's clock.</param>
    public static JsonObject Held(JsonObject basis, string holder, TimeSpan duration, DateTimeOffset now)
    {
        var next = basis.DeepClone().AsObject();
        var previous = new Lease(basis);
        var spec = next["spec"] as JsonObject ?? [];
        var moment = now.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);
        if (previous.Holder != holder)
        {
            spec["acquireTime"] = moment;
            spec["leaseTransitions"] = (previous.Spec.Number("leaseTransitions") ?? 0) + (holder.Length > 0 ? 1 : 0);
        }

        spec["holderIdentity"] = holder;
        spec["leaseDurationSeconds"] = (int)Math.Ceiling(duration.TotalSeconds);
        spec["renewTime"] = moment;
        next["spec"] = spec;
        return next;
    }
}
