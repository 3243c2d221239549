using Noos.Core;
using Noos.Training.Gradients;
using Noos.Training.Model;
using Noos.Training.Runs;

namespace Noos.Training.Reinforcement;

/// <summary>
/// Reinforcement learning of a language model: answers are drawn from the policy, judged, written to a file and learned from, again and
/// again. The answers of each iteration are training rows like any others, so it is a <see cref="TrainingRun"/> that is stopped, killed and
/// resumed like any other, to bit-equal weights.
/// </summary>
/// <remarks>Not thread-safe; <see cref="Run"/> blocks for hours.</remarks>
public sealed class ReinforcementRun : IDisposable
{
    readonly ReinforcementOptions _options;
    readonly ReinforcementServices _services;
    readonly Source _source;
    readonly TrainingRun _run;
    readonly Parameters _reference;
    readonly RowScorer _referenceScorer;
    readonly RowScorer _policyScorer;
    readonly string _folder;
    CancellationTokenSource? _stop;
    CancellationToken _cancellationToken;

    /// <param name="options">How.</param>
    /// <param name="plan">
    /// Model, rates, seed, workers and checkpoints; steps, rows and objective follow from the options, and the data's name is completed.
    /// </param>
    /// <param name="folder">Holds checkpoints, answers and reports.</param>
    /// <param name="services">Who answers, who judges, and what is asked.</param>
    /// <param name="initialise">Fills the weights that the policy begins with; they are the reference.</param>
    /// <exception cref="NoosException">The options cannot make a run, or the folder holds one with other settings.</exception>
    public ReinforcementRun(
        ReinforcementOptions options, TrainingPlan plan, string folder, ReinforcementServices services, Action<Parameters> initialise)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(initialise);
        _options = options.Validate();
        (_services, _folder) = (services, folder);
        if (options.TextRows > 0 && !options.IsPaired && services.Text is null)
        {
            throw new NoosException(
                ErrorKind.Invalid, "There is no text to learn beside the answers; name some, or give no rows of text.");
        }

        plan = Complete(plan, options, services);
        _source = new Source(this);
        _run = new TrainingRun(plan, folder, _source, new NoEvaluation(), initialise, services.Run);
        try
        {
            // The reference is what the policy began with, not what it is by now.
            _reference = new Parameters(plan.Model, plan.Objective.HeadParameters(plan.Model));
            initialise(_reference);
            _referenceScorer = new RowScorer(_reference, plan.Workers, plan.Products);
            _policyScorer = new RowScorer(_run.Parameters, plan.Workers, plan.Products);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The policy as it is.</summary>
    public Parameters Policy => _run.Parameters;

    public bool IsComplete => _run.IsComplete;

    /// <summary>Why the run does not go on by itself; null where it does, or is done.</summary>
    public CollapseAlarm? Stopped { get; private set; }

    /// <summary>The plan that follows from options and services.</summary>
    public static TrainingPlan Complete(TrainingPlan plan, ReinforcementOptions options, ReinforcementServices services)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(services);

        return plan with
        {
            Objective = options.ToObjective(),
            Data = string.Join(" | ", plan.Data, services.Prompts.Name, services.Reward.Name, options.ToText()),
            Steps = (long)options.Iterations * options.RowsPerIteration / options.RowsPerStep,
            RowsPerStep = options.RowsPerStep,

            // The rate is constant after the warm-up, so that a run can be made longer.
            DecayFraction = 0,
        };
    }

    /// <summary>Goes on until all iterations are done, an alarm stops it, or the token asks to stop; the last state is saved.</summary>
    /// <exception cref="NoosException">The training diverges, or a file cannot be written.</exception>
    public void Run(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        (_stop, _cancellationToken) = (stop, cancellationToken);
        try
        {
            _run.Run(stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Stopped while answers were drawn or by an alarm about them: nothing was learned from them. What was not saved since the last
            // checkpoint is computed again, to the same bits.
        }
        finally
        {
            _stop = null;
        }
    }

    public void Dispose()
    {
        _policyScorer?.Dispose();
        _referenceScorer?.Dispose();
        _reference?.Dispose();
        _run.Dispose();
    }

    /// <summary>The answers of an iteration: those of its file, or new ones of the policy as it is.</summary>
    RolloutBatch Open(long iteration)
    {
        var path = RolloutFile.PathOf(_folder, iteration);
        if (!File.Exists(path))
        {
            _services.Snapshot?.Invoke(iteration, _run.Parameters);
            RolloutFile.Write(path, Draw(iteration));
        }

        // Always from the file: what is learned from is what a resumed run would read.
        var batch = RolloutFile.Read(path);
        var history = RolloutFile.ReadMetrics(_folder).Where(metrics => metrics.Iteration <= iteration).ToArray();
        _services.Progress?.Report(batch.Metrics);
        foreach (var alarm in CollapseWatch.Look(history, _options))
        {
            _services.Alarm?.Invoke(alarm);
            if (alarm.IsStop)
            {
                Stopped = alarm;
                _stop?.Cancel();
            }
        }

        if (Stopped is not null)
        {
            throw new OperationCanceledException(Stopped.Message);
        }

        return batch;
    }

    RolloutBatch Draw(long iteration)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        var first = iteration * _options.PromptsPerIteration;
        RolloutPrompt[] prompts =
            [.. Enumerable.Range(0, _options.PromptsPerIteration).Select(index => _services.Prompts.Read(first + index))];
        var rollouts = _services.Sampler.Sample(
            _run.Parameters, prompts, _options.AnswersPerPrompt, Seeds.Mix((ulong)_options.Seed, (ulong)iteration), _cancellationToken);
        var rows = rollouts.Select(RolloutRows.ToRow).ToArray();
        var (old, reference) = (_policyScorer.LogProbabilities(rows), _referenceScorer.LogProbabilities(rows));
        var values = _options.HasCritic ? _policyScorer.Values(rows) : null;
        var scores = _services.Reward.Score(rollouts);
        var answers = rollouts.Select((rollout, index) => new ScoredRollout(
            rollout, (float)(scores[index].Value - RewardShaping.Penalty(rollout, _options)))
        {
            Truth = (float)(scores[index].Truth ?? double.NaN),
            Old = old[index][(rollout.PromptLength - 1)..],
            Reference = reference[index][(rollout.PromptLength - 1)..],
            Values = values is null ? [] : values[index][(rollout.PromptLength - 1)..],
        }).ToArray();
        var klWeight = KlWeight(iteration);
        return new RolloutBatch(iteration, _run.Step, klWeight, answers)
        {
            Metrics = RolloutMetrics.Measure(iteration, klWeight, answers, _options.AnswersPerPrompt, Entropy(rows)),
        };
    }

    // Ziegler et al., 2019: up when an answer is further away than wanted, down when it is nearer; at most by a tenth.
    double KlWeight(long iteration)
    {
        if (iteration == 0 || _options.KlTarget == 0)
        {
            return _options.KlWeight;
        }

        var before = RolloutFile.Read(RolloutFile.PathOf(_folder, iteration - 1));
        var error = Math.Clamp((before.Metrics.Kl / _options.KlTarget) - 1, -0.2, 0.2);

        // Not without bound: at first every answer is nearer than wanted.
        return Math.Max(_options.KlWeight / 10, before.KlWeight * (1 + (0.5 * error)));
    }

    // Of some answers: it costs as much as the log-probabilities of all.
    double Entropy(TrainingRow[] rows)
    {
        const int MaxRows = 32;
        var some = rows[..Math.Min(MaxRows, rows.Length)];
        var tokens = some.Sum(row => row.TargetCount);
        return _policyScorer.Entropies(some).Sum(row => row.Sum(entropy => (double)entropy)) / Math.Max(1, tokens);
    }

    /// <summary>The rows of all iterations, one after the other.</summary>
    sealed class Source(ReinforcementRun owner) : IRowSource
    {
        (long Iteration, TrainingRow[] Rows)? _current;

        public TrainingRow Read(long index)
        {
            var (iteration, place) = Math.DivRem(index, owner._options.RowsPerIteration);
            if (_current?.Iteration != iteration)
            {
                _current = (iteration, Rows(owner.Open(iteration)));
            }

            return _current.Value.Rows[place];
        }

        // Each pass in another order, text among it.
        TrainingRow[] Rows(RolloutBatch batch)
        {
            var options = owner._options;
            var answers = RolloutRows.From(batch, options);
            if (answers.Count == 0)
            {
                answers = [.. batch.Answers.Take(2).Select(answer => RolloutRows.Idle(answer, options))];
            }

            var unit = options.IsPaired ? 2 : 1;
            var rows = new List<TrainingRow>();
            for (var epoch = 0; epoch < options.Epochs; epoch++)
            {
                var random = new Random((int)(Seeds.Mix(
                    Seeds.Mix((ulong)options.Seed, (ulong)batch.Iteration), (ulong)epoch + 1000) & int.MaxValue));

                // Where prompts had nothing to say the others come again, so that an iteration always has as many rows.
                var units = Enumerable.Range(0, options.AnswerRows / unit).Select(place => place % (answers.Count / unit)).ToArray();
                random.Shuffle(units);
                var pass = units.SelectMany(place => answers.Skip(place * unit).Take(unit)).ToList();
                for (var text = 0; !options.IsPaired && text < options.TextRows; text++)
                {
                    var number = (((batch.Iteration * options.Epochs) + epoch) * options.TextRows) + text;
                    pass.Insert(random.Next(pass.Count + 1), owner._services.Text!.Read(number));
                }

                rows.AddRange(pass);
            }

            return [.. rows];
        }
    }

    sealed class NoEvaluation : IEvaluator
    {
        public Evaluation Evaluate(ModelSnapshot model, CancellationToken cancellationToken = default) =>
            new(model.Step, model.Tokens, new Dictionary<string, double>(StringComparer.Ordinal), []);
    }
}
