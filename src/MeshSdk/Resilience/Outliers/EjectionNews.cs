using MeshSdk.Transport;

namespace MeshSdk.Resilience.Outliers;

/// <summary>Something that happened to an endpoint because of how it does.</summary>
/// <param name="Kind">What.</param>
/// <param name="Endpoint">To which one.</param>
/// <param name="Reason">For what.</param>
/// <param name="Time">How long the ejection is to last, or has lasted.</param>
/// <param name="Ejected">How many are ejected now.</param>
/// <param name="Total">Of how many.</param>
/// <param name="MaxPercent">How many of a hundred may be.</param>
internal readonly record struct EjectionNews(
    EjectionNewsKind Kind, EndpointState Endpoint, EjectionReason Reason, TimeSpan Time, int Ejected, int Total, int MaxPercent);

internal enum EjectionNewsKind
{
    Ejected,

    /// <summary>It would have been, but as many as may be are ejected already.</summary>
    Overflow,

    /// <summary>It would have been, but the policy lets some go.</summary>
    Unenforced,

    /// <summary>Its time was over.</summary>
    Returned,

    /// <summary>The policy no longer looks at how endpoints do.</summary>
    Released,
}

/// <summary>Hears of ejections. Called outside of all locks, on the path of a request or on a timer's thread; does not throw.</summary>
internal interface IEjectionObserver
{
    void Hear(EjectionNews news);

    /// <summary>The selection of endpoints could not be made anew.</summary>
    void Failed(Exception error);
}
