using System.Globalization;
using MeshSdk.Resilience;
using MeshSdk.Routing;

namespace MeshSdk.Http.Timeouts;

/// <summary>
/// The route's timers of the try whose response is returned: that of the request, which runs since the first try, and that of the try. They go on until
/// the body has ended.
/// </summary>
/// <param name="Rule">Whose timeouts they are.</param>
/// <param name="Request">Null where the request has no bound.</param>
/// <param name="Attempt">Null where the try has none.</param>
internal readonly record struct TryTimers(BoundRule Rule, Deadline? Request, Deadline? Attempt)
{
    public bool IsRunning => Request is not null || Attempt is not null;

    public bool IsExpired => Request is { IsExpired: true } || Attempt is { IsExpired: true };

    /// <summary>Cancelled when the first of them expires, once <see cref="Unlink"/> has been called.</summary>
    public CancellationToken Token => (Attempt ?? Request)?.Token ?? CancellationToken.None;

    /// <summary>What expired, in a sentence about <paramref name="what"/>.</summary>
    public string Describe(string what) =>
        Describe(what, Rule, isRequest: Request is { IsExpired: true });

    public static string Describe(string what, BoundRule rule, bool isRequest)
    {
        var timeouts = rule.Rule.Timeouts!;
        var (field, bound) = isRequest ? ("request", timeouts.Request) : ("backendRequest", timeouts.BackendRequest);
        var name = rule.Rule.Route is { } route ? $"{route} rule {rule.Rule.Index}" : rule.Frontend.Id.ToString();
        return string.Create(CultureInfo.InvariantCulture, $"{what} within the {bound.GetValueOrDefault().TotalSeconds:0.###} s of timeouts.{field} of {name}");
    }

    /// <summary>The caller has its response: from here on its token ends nothing.</summary>
    public void Unlink()
    {
        // The timer of a try hangs on that of the request, and stays there.
        (Request ?? Attempt)?.Unlink();
    }

    public void Return()
    {
        Attempt?.Dispose();
        Request?.Dispose();
    }
}
