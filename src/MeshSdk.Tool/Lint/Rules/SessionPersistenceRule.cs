namespace MeshSdk.Tool.Lint.Rules;

/// <summary>Which settings of a session go together, in the present shape and in the one before it.</summary>
internal sealed class SessionPersistenceRule : ILintRule
{
    public const string Field = "SessionPersistenceField";
    public const string NeedsTimeout = "SessionNeedsAbsoluteTimeout";

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene)
    {
        var places = subject.Rules().Select(static rule => rule["sessionPersistence"])
            .Concat(subject.Kind == "XBackendTrafficPolicy" ? [subject.Spec["sessionPersistence"]] : []);
        foreach (var session in places.Where(static session => session.Exists))
        {
            var type = session["type"].Text ?? "Cookie";
            foreach (var (name, owner) in new[] { ("cookie", "Cookie"), ("cookieConfig", "Cookie"), ("header", "Header") })
            {
                if (session[name].Exists && type != owner && type is "Cookie" or "Header")
                {
                    yield return session[name].Error(Field, $"{name} may only be set where type is {owner}");
                }
            }

            if (type == "Header" && !session["header"].Exists && !session["sessionName"].Exists)
            {
                yield return session["header"].Warning(
                    Field, "type Header needs the header that carries the session in releases after 1.6; up to that one its name is the implementation's choice");
            }

            foreach (var cookie in new[] { session["cookie"], session["cookieConfig"] })
            {
                if (cookie["lifetimeType"].Text == "Permanent" && !session["absoluteTimeout"].Exists)
                {
                    yield return session["absoluteTimeout"].Error(NeedsTimeout, "a cookie with the lifetime Permanent needs absoluteTimeout");
                }
            }
        }
    }
}
