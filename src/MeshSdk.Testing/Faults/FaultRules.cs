using System.Collections.Immutable;

namespace MeshSdk.Testing.Faults;

/// <summary>What requests meet before they are served.</summary>
internal sealed class FaultRules
{
    private ImmutableList<FaultRule> _rules = [];

    public IDisposable Add(FaultAction action, Func<EmbeddedRequest, bool>? applies, int? times)
    {
        var rule = new FaultRule(this, action, applies, times);
        ImmutableInterlocked.Update(ref _rules, static (rules, added) => rules.Add(added), rule);
        return rule;
    }

    /// <summary>The faults that concern a request, in the order in which they were set.</summary>
    public IEnumerable<FaultAction> Meet(EmbeddedRequest request)
    {
        foreach (var rule in _rules)
        {
            if (rule.Meets(request))
            {
                yield return rule.Action;
            }
        }
    }

    public void Clear() => _rules = [];

    private sealed class FaultRule(FaultRules owner, FaultAction action, Func<EmbeddedRequest, bool>? applies, int? times) : IDisposable
    {
        private int _left = times ?? 0;

        public FaultAction Action => action;

        public bool Meets(EmbeddedRequest request) => (applies is null || applies(request)) && (times is null || Interlocked.Decrement(ref _left) >= 0);

        public void Dispose() => ImmutableInterlocked.Update(ref owner._rules, static (rules, removed) => rules.Remove(removed), this);
    }
}

/// <summary>One thing that can befall a request.</summary>
internal abstract record FaultAction
{
    internal sealed record Delay(TimeSpan Time) : FaultAction;

    internal sealed record Answer(int Status, TimeSpan? RetryAfter) : FaultAction;

    /// <summary>A watch begins as usual, and its first event is an error.</summary>
    internal sealed record AnswerInStream(int Status) : FaultAction;

    internal sealed record Drop : FaultAction;
}
