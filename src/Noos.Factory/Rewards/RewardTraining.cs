using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Corpus.Preferences;
using Noos.Corpus.Rows;
using Noos.Factory.Models;
using Noos.Factory.Stages;
using Noos.Training.Model;
using Noos.Training.Runs;

namespace Noos.Factory.Rewards;

/// <summary>
/// Trains an ensemble of reward models from preferences: one run after the other, each in a folder of its own, so that what was stopped or
/// killed goes on where it was; then measures it on the prompts that were kept back.
/// </summary>
/// <param name="options">How.</param>
/// <param name="model">Trunk of all members.</param>
/// <param name="groups">What was preferred.</param>
/// <param name="folder">Holds the runs and, at the end, what is needed to open the ensemble.</param>
public sealed class RewardTraining(
    RewardOptions options, TrainableModel model, IReadOnlyList<PreferenceGroup> groups, string folder)
{
    /// <summary>What reports call this work.</summary>
    public const string StageName = "reward";

    /// <summary>Preferences that nothing is trained on, each measured by itself.</summary>
    public IReadOnlyList<(string Name, IReadOnlyList<PreferenceGroup> Groups)> Tests { get; init; } = [];

    /// <summary>Trains until all is done or the token asks to stop; either way the last state is saved. Blocks for hours.</summary>
    /// <returns>What was measured; null when it was stopped.</returns>
    /// <exception cref="NoosException">The preferences or settings cannot make a training, or the folder holds another one.</exception>
    public RewardReport? Run(
        IProgress<StageProgress>? progress = null, RunServices? services = null, CancellationToken cancellationToken = default)
    {
        options.Validate();
        var data = $"{model.Fingerprint} {Fingerprint(groups)} {options.HeldOutEvery}";
        var parts = groups.Select((group, index) => (group, IsHeldOut: index % options.HeldOutEvery == 0))
            .ToLookup(item => item.IsHeldOut, item => item.group);
        Directory.CreateDirectory(folder);
        var tooLong = 0;
        for (var member = 0; member < options.Members; member++)
        {
            var rows = new RewardRows(
                parts[false], model.Format, model.Config.ContextLength, options.AnswersPerSample,
                Permutation.Mix((ulong)options.Seed, (ulong)member));
            tooLong = rows.TooLong;
            if (!Train(member, rows, data, progress, services ?? new RunServices(), cancellationToken))
            {
                return null;
            }
        }

        if (tooLong > 0)
        {
            progress?.Report(new StageProgress(StageName, StageState.Running)
            {
                Note = $"{tooLong} prompts were left out: an answer to them is longer than the context.",
            });
        }

        return Measure([.. parts[true]], data);
    }

    /// <summary>Names preferences by content.</summary>
    internal static string Fingerprint(IReadOnlyList<PreferenceGroup> groups)
    {
        var hash = new XxHash3();
        foreach (var group in groups)
        {
            hash.Append(ConversationJson.WriteUtf8(group.Prompt));
            foreach (var answer in group.Answers)
            {
                hash.Append(ConversationJson.WriteUtf8(new Conversation(answer.Messages)));
                hash.Append([answer.IsEnded ? (byte)1 : (byte)0]);
            }

            var pairs = string.Join(' ', group.Pairs.Select(pair =>
                string.Create(CultureInfo.InvariantCulture, $"{pair.Better}>{pair.Worse}*{pair.Weight:r}")));
            hash.Append(Encoding.UTF8.GetBytes(pairs));
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    bool Train(
        int member, RewardRows rows, string data, IProgress<StageProgress>? progress, RunServices services,
        CancellationToken cancellationToken)
    {
        var plan = options.ToPlan(model.Config, data, rows.Samples, member);
        var run = RunOf(member);
        var description = TrainingDescription.For(
            string.Create(CultureInfo.InvariantCulture, $"{model.Name}: reward model {member + 1}"), plan,
            "A scalar head on the last token, trained from preferences (Bradley-Terry over all pairs of a prompt).");
        using var recorder = new RunRecorder(run, description);
        using var training = new TrainingRun(
            plan, run, rows, NoEvaluation.Instance, parameters => Begin(parameters, plan.Seed), services with
            {
                Observer = recorder,
                Progress = progress is null ? null : new MemberProgress(member, options.Members, progress),
            });
        training.Run(cancellationToken);
        return training.IsComplete;
    }

    // The trunk is the model's; the head is drawn, another one for each member.
    void Begin(Parameters parameters, int seed)
    {
        parameters.Initialize(seed);
        model.Load(parameters);
    }

    RewardReport Measure(IReadOnlyList<PreferenceGroup> heldOut, string data)
    {
        RewardModel[] members =
            [.. Enumerable.Range(0, options.Members).Select(member => RewardModel.Open(RunOf(member), model.Config, options.Workers))];
        try
        {
            var (groups, raw) = Score(heldOut, members);
            var means = raw.Select(scores => scores.DefaultIfEmpty(0).Average()).ToArray();
            var deviations = raw.Select((scores, member) => Math.Max(1e-6, Math.Sqrt(
                scores.Select(score => (score - means[member]) * (score - means[member])).DefaultIfEmpty(1).Average()))).ToArray();
            var report = RewardMeasurement.Measure(groups, Scale(raw)) with
            {
                Tests = Tests.ToDictionary(test => test.Name, test => Test(test.Groups), StringComparer.Ordinal),
            };
            model.Tokenizer.Save(Path.Combine(folder, RewardEnsemble.TokenizerName));
            RewardEnsemble.WriteInfo(folder, new RewardEnsembleInfo(
                model.Config, options.Members, options.ToPlan(model.Config, data, 1, 0).Hash())
            {
                Means = means,
                Deviations = deviations,
                Report = report,
            });
            return report;

            RewardReport Test(IReadOnlyList<PreferenceGroup> test)
            {
                var (fitting, scores) = Score(test, members);
                return RewardMeasurement.Measure(fitting, Scale(scores));
            }

            double[][] Scale(double[][] scores) =>
                [.. scores.Select((own, member) => Array.ConvertAll(own, score => (score - means[member]) / deviations[member]))];
        }
        finally
        {
            Array.ForEach(members, member => member.Dispose());
        }
    }

    // Of those whose answers all fit into the context, for each member the scores of all answers.
    (PreferenceGroup[] Groups, double[][] Scores) Score(IReadOnlyList<PreferenceGroup> groups, RewardModel[] members)
    {
        var read = groups.Select(group => (
            group, Rows: group.Answers.Select(answer => RewardRows.RowOf(model.Format, group, answer)).ToArray()))
            .Where(item => item.Rows.All(row => row.Length <= model.Config.ContextLength)).ToArray();
        TrainingRow[] rows = [.. read.SelectMany(item => item.Rows)];
        return ([.. read.Select(item => item.group)], [.. members.Select(member => member.Score(rows))]);
    }

    string RunOf(int member) => RewardEnsemble.RunOf(folder, member);

    /// <summary>The progress of one member as progress of all of them.</summary>
    sealed class MemberProgress(int member, int members, IProgress<StageProgress> progress) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => progress.Report(value.Note is { } note
            ? new StageProgress(StageName, StageState.Running) { Note = $"member {member + 1}: {note}" }
            : new StageProgress(StageName, StageState.Running)
            {
                Done = (member * value.TotalSteps) + value.Step,
                Total = members * value.TotalSteps,
                Unit = "updates",
                Detail = string.Create(
                    CultureInfo.InvariantCulture,
                    $"member {member + 1} of {members}, loss {value.Loss:F3}, {value.TokensPerSecond:N0} tokens/s, "
                    + $"gradient {value.GradientNorm:F2}"),
            });
    }
}
