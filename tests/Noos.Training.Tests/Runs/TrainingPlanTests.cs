using System.Reflection;
using Noos.Language.Models;
using Noos.Training.Kernels;
using Noos.Training.Objectives;
using Noos.Training.Optimizers;
using Noos.Training.Runs;

namespace Noos.Training.Tests.Runs;

public sealed class TrainingPlanTests
{
    /// <summary>What version 0.1 (the JSON of all properties) made of <see cref="TinyTraining.Plan"/>.</summary>
    public const string LegacyHashOfTinyPlan = "6d3ef928f69b2ae2";

    // With Muon, text outside ASCII and fractions, all of which JSON writes in its own way.
    static readonly TrainingPlan s_muon = TinyTraining.Plan with
    {
        Muon = new MuonOptions { LearningRate = 0.03 },
        Data = "0123456789abcdef×2 «text»",
        Seed = 42,
        GradientClip = 0.5,
        DecayFraction = 0.4,
    };

    [Fact]
    public void Hash_of_version_0_1_is_still_known()
    {
        Assert.True(new TrainingPlan().HasHash("c6aa3b09cb1c2380"));
        Assert.True(TinyTraining.Plan.HasHash(LegacyHashOfTinyPlan));
        Assert.True(s_muon.HasHash("4dc937ef055b1eb4"));
        Assert.False((s_muon with { Seed = 43 }).HasHash("4dc937ef055b1eb4"));
    }

    [Fact]
    public void Plan_that_uses_what_version_0_1_did_not_know_does_not_have_its_hash()
    {
        Assert.False((TinyTraining.Plan with { Objective = new WeightedCrossEntropy() }).HasHash(LegacyHashOfTinyPlan));
        Assert.True((TinyTraining.Plan with { Objective = new CrossEntropy() }).HasHash(LegacyHashOfTinyPlan));
    }

    [Fact]
    public void Hash_of_today_will_be_known_tomorrow()
    {
        // Literals: if one of these fails, every run folder in the world is orphaned. Give the new setting a default instead.
        Assert.Equal("", new TrainingPlan().ToText().ToString());
        Assert.Equal(
            """
            model.vocabulary_size=67
            model.context_length=24
            model.embedding_length=32
            model.block_count=2
            model.feed_forward_length=48
            model.head_count=2
            model.key_value_head_count=1
            model.head_length=16
            data=0123456789abcdef×2 «text»
            steps=30
            rows_per_step=6
            adamw.learning_rate=0.01
            optimizer=muon
            muon.learning_rate=0.03
            warmup_steps=3
            decay_fraction=0.4
            gradient_clip=0.5
            seed=42
            evaluate_every=10
            checkpoint_every=4
            objective=pairwise-ranking flip_rate=0.1

            """.ReplaceLineEndings("\n"),
            (s_muon with { RowsPerStep = 6, Objective = new PairwiseRanking(flipRate: 0.1) }).ToText().ToString());
    }

    [Fact]
    public void New_setting_with_a_default_changes_no_hash_until_it_is_used()
    {
        var before = TinyTraining.Plan.ToText().Hash();

        Assert.Equal(before, TinyTraining.Plan.ToText().Add("dropout", 0.0, 0.0).Add("averaging", "none", "none").Hash());
        Assert.NotEqual(before, TinyTraining.Plan.ToText().Add("dropout", 0.1, 0.0).Hash());
    }

    [Fact]
    public void Value_with_a_line_break_does_not_pass_for_another_field() =>
        Assert.NotEqual(
            (TinyTraining.Plan with { Data = "a\nsteps=31", Steps = 20_000 }).Hash(),
            (TinyTraining.Plan with { Data = "a", Steps = 31 }).Hash());

    [Fact]
    public void Every_setting_is_part_of_the_hash()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal) { s_muon.Hash() };
        Assert.All(Changed(s_muon), plan => Assert.True(seen.Add(plan.Hash()), plan.ToString()));
        Assert.All(Changed(s_muon.Model), model => Assert.True(seen.Add((s_muon with { Model = model }).Hash()), model.ToString()));
        Assert.All(Changed(s_muon.AdamW), options => Assert.True(seen.Add((s_muon with { AdamW = options }).Hash()), options.ToString()));
        Assert.All(Changed(s_muon.Muon!), options => Assert.True(seen.Add((s_muon with { Muon = options }).Hash()), options.ToString()));
        Assert.True(seen.Add((s_muon with { Objective = new WeightedCrossEntropy() }).Hash()));
        Assert.True(seen.Add((s_muon with { Muon = null }).Hash()));
        Assert.True(seen.Count > 30, $"{seen.Count} settings");
    }

    // Copies of a record, each with one plain setting changed; a property added to these records and not to the hash is found here.
    static IEnumerable<T> Changed<T>(T settings)
        where T : notnull
    {
        var clone = typeof(T).GetMethod("<Clone>$")!;
        foreach (var property in typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite))
        {
            object? other = property.GetValue(settings) switch
            {
                int value => value + 1,
                long value => value + 1,
                float value => value * 1.5f,
                double value => value + 0.125,
                bool value => !value,
                string value => value + "x",
                Precision value => value == Precision.Fp32 ? Precision.Bf16 : Precision.Fp32,
                TransformerConfig or AdamWOptions or MuonOptions or IObjective => null,
                var value => throw new NotSupportedException($"{property.Name} is {value}"),
            };
            if (other is not null)
            {
                var copy = (T)clone.Invoke(settings, null)!;
                property.SetValue(copy, other);
                yield return copy;
            }
        }
    }
}
