using System.Globalization;
using MeshSdk.Model;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Runtime;

/// <summary>
/// Says in the log what this process asks of its callers: once at the start, and then what changed. Beside that it says what callers will make of a pod whose
/// label tells them something else than what is so. Told one model at a time.
/// </summary>
/// <param name="identity">Whether there is one to show.</param>
/// <param name="isProxyStated">Whether an option says what stands before this process, so that nobody looks.</param>
/// <param name="log">Where.</param>
internal sealed partial class InboundReport(IdentityFinding identity, bool isProxyStated, ILogger log)
{
    private const int MostNamed = 5;

    private InboundModel? _last;
    private string? _doubt;

    /// <summary>Which connections the server takes where no object says so; null: not told.</summary>
    public PeerMode? OwnMode { get; set; }

    /// <summary>At which ports the server listens; null: not told.</summary>
    public Func<IReadOnlyCollection<int>>? ListenedPorts { get; set; }

    public void Tell(InboundModel model)
    {
        var last = _last;
        _last = model;
        if (model.Unknown is { } unknown)
        {
            if (last?.Unknown is null || (model.UnknownWhat ?? unknown) != (last.UnknownWhat ?? last.Unknown))
            {
                LogUnknown(unknown);
            }
            else if (unknown != last.Unknown)
            {
                LogUnknownStill(unknown);
            }

            return;
        }

        if (model.Proxy.Kind != LocalProxyKind.None)
        {
            if (last?.Proxy != model.Proxy)
            {
                if (isProxyStated)
                {
                    LogAsideUnseen(model.Proxy.Evidence);
                }
                else
                {
                    LogAside(model.Proxy.Evidence);
                }
            }

            return;
        }

        if (last is null or { Unknown: not null } or { Proxy.Kind: not LocalProxyKind.None })
        {
            LogServes(Modes(model), identity.HasSource ? identity.Source.Name : "none", Policies(model));
        }
        else if (Changes(last, model) is { Count: > 0 } changes)
        {
            LogChanged(string.Join("; ", changes));
        }

        if (Doubt(model, OwnMode, ListenedPorts?.Invoke() ?? [], identity.HasSource) is var doubt && doubt != _doubt)
        {
            _doubt = doubt;
            if (doubt is not null)
            {
                LogDoubt(doubt);
            }
        }
    }

    /// <summary>Whether TLS is taken anywhere, and plaintext refused anywhere: at the ports that are listened at, or at any where these are not known.</summary>
    private static (bool TakesTls, bool IsStrict) Extremes(InboundModel model, PeerMode? ownMode, IReadOnlyCollection<int> listened)
    {
        var general = model.Mode?.Mode ?? ownMode ?? PeerMode.Permissive;
        List<PeerMode> modes = listened.Count == 0
            ? [general, .. model.Ports.Values.Select(static mode => mode.Mode)]
            : [.. listened.Select(port => model.Ports.GetValueOrDefault(port)?.Mode ?? general)];
        return (modes.Exists(static mode => mode != PeerMode.Disable), modes.Contains(PeerMode.Strict));
    }

    /// <summary>In what callers will be mistaken, by the label of the own pod; null: in nothing, or not known.</summary>
    private static string? Doubt(InboundModel model, PeerMode? ownMode, IReadOnlyCollection<int> listened, bool hasIdentity)
    {
        var (takesTls, isStrict) = Extremes(model, ownMode, listened);
        return model.IsAdvertised switch
        {
            false when takesTls && hasIdentity =>
                "the own pod does not have the label security.istio.io/tlsMode: istio, so that others of the mesh come in plaintext although mutual TLS is taken"
                + (isStrict ? ", and are refused under STRICT" : "") + "; add the label to the template of the pod",
            true when !hasIdentity =>
                "the own pod has the label security.istio.io/tlsMode: istio, and there is no identity to show: others of the mesh come with mutual TLS and are refused; "
                + "take the label away, or give the process an identity (Mesh:Identity)",
            true when !takesTls =>
                "the own pod has the label security.istio.io/tlsMode: istio, and its mode is DISABLE: others of the mesh that do not see why come with mutual TLS and are refused; take the label away",
            _ => null,
        };
    }

    public static string Word(PeerMode mode) => mode switch
    {
        PeerMode.Strict => "STRICT",
        PeerMode.Disable => "DISABLE",
        _ => "PERMISSIVE",
    };

    private string Modes(InboundModel model) => string.Join(
        "; ",
        model.Ports.OrderBy(static port => port.Key)
            .Select(port => string.Create(CultureInfo.InvariantCulture, $"port {port.Key} {Mode(port.Value)}"))
            .Prepend(Mode(model.Mode)));

    private string Mode(StatedPeerMode? mode) => mode is not null ? $"{Word(mode.Mode)} ({mode.Text})"
        : OwnMode is { } own ? $"{Word(own)} (no PeerAuthentication is for it; Mesh:Server:Mode)"
        : "its own (no PeerAuthentication is for it)";

    private static string Policies(InboundModel model)
    {
        var names = NamesOf(model);
        return names.Count == 0 ? "none, so that everyone may call"
            : $"{names.Count} ({string.Join(", ", names.Take(MostNamed))}{(names.Count > MostNamed ? ", …" : "")})";
    }

    private static List<string> NamesOf(InboundModel model) =>
        [.. RulesOf(model).Select(static rules => rules.Policy)];

    private static IEnumerable<AuthorizationRules> RulesOf(InboundModel model) => model.Authorization.Denials.Concat(model.Authorization.Allowances ?? []);

    private List<string> Changes(InboundModel last, InboundModel model)
    {
        List<string> changes = [];
        if (Modes(last) is var former && Modes(model) is var now && former != now)
        {
            changes.Add($"mode {now}, before {former}");
        }

        var (had, has) = (NamesOf(last), NamesOf(model));
        changes.AddRange(has.Except(had).Select(static name => $"{name} is new"));
        changes.AddRange(had.Except(has).Select(static name => $"{name} is gone"));
        var before = RulesOf(last).ToDictionary(static rules => rules.Policy, static rules => rules.Fingerprint, StringComparer.Ordinal);
        changes.AddRange(RulesOf(model)
            .Where(rules => before.TryGetValue(rules.Policy, out var fingerprint) && fingerprint != rules.Fingerprint)
            .Select(static rules => $"{rules.Policy} has changed"));
        if (changes.Count == 0 && !ReferenceEquals(last.Authorization, model.Authorization))
        {
            changes.Add($"authorization policies, of which there are now {Policies(model)}");
        }

        return changes;
    }

    [LoggerMessage(
        31, LogLevel.Information, "This process is a server of the mesh. Mode: {Modes}. Identity from: {Identity}. Authorization policies: {Policies}.", EventName = "Serves")]
    private partial void LogServes(string modes, string identity, string policies);

    [LoggerMessage(32, LogLevel.Information, "What is asked of callers has changed: {Changes}.", EventName = "InboundChanged")]
    private partial void LogChanged(string changes);

    [LoggerMessage(33, LogLevel.Error, "Callers are answered 503, since it is not known what is asked of them: {Reason}", EventName = "InboundUnknown")]
    private partial void LogUnknown(string reason);

    [LoggerMessage(36, LogLevel.Debug, "Callers are answered 503 still: {Reason}", EventName = "InboundUnknownStill")]
    private partial void LogUnknownStill(string reason);

    [LoggerMessage(
        34, LogLevel.Information, "Callers are taken as they come, and no policy is kept here: what stands before this process does that ({Evidence}).", EventName = "StandsAside")]
    private partial void LogAside(string evidence);

    [LoggerMessage(
        37,
        LogLevel.Warning,
        "Callers are taken as they come, and no policy is kept here: what stands before this process does that ({Evidence}). Nobody looks whether it is there: if it is not, no mode and "
            + "no policy is kept at all. With Mesh:DataPlane=Auto and POD_NAME the own pod tells.",
        EventName = "StandsAsideUnseen")]
    private partial void LogAsideUnseen(string evidence);

    [LoggerMessage(35, LogLevel.Warning, "Callers will be mistaken: {Doubt}.", EventName = "MisleadingLabel")]
    private partial void LogDoubt(string doubt);
}
