using CsCheck;
using MeshSdk.Kubernetes.Tests.Fixtures;
using MeshSdk.Kubernetes.Watching;
using MeshSdk.Resources;

namespace MeshSdk.Kubernetes.Tests.Watching;

public sealed class ToldSetTests
{
    private const int Names = 5;

    // A step: an event of one object, or a list of all that is there. Kind 0 puts, 1 deletes, 2 lists, 3 lists with the change not having been seen as an event.
    private static readonly Gen<(int Kind, int Name)[]> Histories = Gen.Select(Gen.Int[0, 3], Gen.Int[0, Names - 1]).Array[0, 40];

    /// <summary>Whatever mixture of events and lists brings the truth, whoever follows the updates holds it, and is told nothing twice.</summary>
    [Fact]
    public void Updates_lead_from_every_truth_to_the_next() => Histories.Sample(history =>
    {
        var decoder = new ObjectDecoder(Followed.Routes);
        var set = new ToldSet();
        var truth = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var told = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var version = 0;
        foreach (var (kind, number) in history)
        {
            var name = $"n{number}";
            var json = Utf8(KubernetesScripts.Route(name, ++version));
            if (kind is 0 or 3)
            {
                truth[name] = version;
            }
            else if (kind == 1)
            {
                truth.Remove(name);
            }

            switch (kind)
            {
                case 0:
                    set.Put(decoder.Decode(json));
                    break;
                case 1:
                    set.Remove(new ResourceKey("HTTPRoute", "ns", name));
                    break;
                default:
                    var list = new ListReplacement(set, decoder);
                    foreach (var (listed, itsVersion) in truth)
                    {
                        list.Add(Utf8(KubernetesScripts.Route(listed, itsVersion)));
                    }

                    set.Replace(list);
                    break;
            }

            var update = set.TakeChanges(null) ?? new WatchUpdate();
            foreach (var resource in update.Upserts)
            {
                var itsVersion = int.Parse(resource.Metadata.ResourceVersion!);
                Assert.NotEqual(itsVersion, told.GetValueOrDefault(resource.Metadata.Name));
                told[resource.Metadata.Name] = itsVersion;
            }

            foreach (var key in update.Deletes)
            {
                Assert.True(told.Remove(key.Name));
            }

            Assert.Equal(truth, told);
            Assert.Null(set.TakeChanges(null));
        }
    });

    [Fact]
    public void A_list_tells_exactly_the_difference() => Gen.Select(Versions, Versions).Sample((before, after) =>
    {
        var decoder = new ObjectDecoder(Followed.Routes);
        var set = new ToldSet();
        Replace(set, decoder, before);
        set.TakeChanges(null);

        Replace(set, decoder, after);

        var update = set.TakeChanges(null) ?? new WatchUpdate();
        Assert.Equal(after.Where(entry => before.GetValueOrDefault(entry.Key) != entry.Value).Select(entry => entry.Key).Order(),
            update.Upserts.Select(resource => resource.Metadata.Name).Order());
        Assert.Equal(before.Keys.Except(after.Keys).Order(), update.Deletes.Select(key => key.Name).Order());
    });

    private static Gen<Dictionary<string, int>> Versions =>
        Gen.Select(Gen.Int[0, 9], Gen.Int[1, 3]).Array[0, 10].Select(pairs => pairs.GroupBy(pair => $"n{pair.Item1}").ToDictionary(g => g.Key, g => g.First().Item2));

    private static void Replace(ToldSet set, ObjectDecoder decoder, Dictionary<string, int> objects)
    {
        var list = new ListReplacement(set, decoder);
        foreach (var (name, version) in objects)
        {
            list.Add(Utf8(KubernetesScripts.Route(name, version)));
        }

        set.Replace(list);
    }

    private static byte[] Utf8(string text) => System.Text.Encoding.UTF8.GetBytes(text);
}
