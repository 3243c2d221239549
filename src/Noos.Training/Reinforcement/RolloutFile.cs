using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Noos.Core;
using Noos.Language.Safetensors;

namespace Noos.Training.Reinforcement;

/// <summary>
/// The answers of an iteration as a safetensors file: tokens, where answers begin, old and reference log-probabilities, rewards, and in the
/// metadata the policy's version and what was measured. It appears whole or not at all, so that a killed run learns from the very answers
/// that it had drawn.
/// </summary>
public static class RolloutFile
{
    const string Tokens = "tokens";
    const string Lengths = "lengths";
    const string PromptLengths = "prompt_lengths";
    const string Prompts = "prompts";
    const string Ended = "ended";
    const string Rewards = "rewards";
    const string Truths = "truths";
    const string Old = "old_log_probabilities";
    const string Reference = "reference_log_probabilities";
    const string Values = "values";

    static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    /// <summary>The file of an iteration in the folder of a run.</summary>
    public static string PathOf(string folder, long iteration) =>
        Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"rollouts-{iteration:D6}.safetensors"));

    /// <exception cref="NoosException">It cannot be written.</exception>
    public static void Write(string path, RolloutBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var answers = batch.Answers;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        SafetensorsWriter.Write(
            path,
            [
                Integers(Tokens, answers.SelectMany(answer => answer.Rollout.Tokens)),
                Integers(Lengths, answers.Select(answer => answer.Rollout.Tokens.Length)),
                Integers(PromptLengths, answers.Select(answer => answer.Rollout.PromptLength)),
                Integers(Prompts, answers.Select(answer => answer.Rollout.Prompt)),
                Integers(Ended, answers.Select(answer => answer.Rollout.IsEnded ? 1 : 0)),
                Floats(Rewards, answers.Select(answer => answer.Reward)),
                Floats(Truths, answers.Select(answer => answer.Truth)),
                Floats(Old, answers.SelectMany(answer => answer.Old)),
                Floats(Reference, answers.SelectMany(answer => answer.Reference)),
                Floats(Values, answers.SelectMany(answer => answer.Values)),
            ],
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["iteration"] = batch.Iteration.ToString(CultureInfo.InvariantCulture),
                ["policy_step"] = batch.PolicyStep.ToString(CultureInfo.InvariantCulture),
                ["kl_weight"] = batch.KlWeight.ToString("r", CultureInfo.InvariantCulture),
                ["metrics"] = JsonSerializer.Serialize(batch.Metrics, s_json),
            });
    }

    /// <exception cref="NoosException">It is missing or damaged.</exception>
    public static RolloutBatch Read(string path)
    {
        using var file = SafetensorsFile.Open(path);
        try
        {
            var tokens = Column<int>(file, Tokens);
            var (lengths, prompts) = (Column<int>(file, Lengths), Column<int>(file, PromptLengths));
            var (numbers, ended) = (Column<int>(file, Prompts), Column<int>(file, Ended));
            var (rewards, truths) = (Column<float>(file, Rewards), Column<float>(file, Truths));
            var (old, reference, values) = (Column<float>(file, Old), Column<float>(file, Reference), Column<float>(file, Values));
            var answers = new List<ScoredRollout>(lengths.Length);
            var (token, answer) = (0, 0);
            for (var index = 0; index < lengths.Length; index++)
            {
                var said = lengths[index] - prompts[index];
                answers.Add(new ScoredRollout(
                    new Rollout(numbers[index], tokens[token..(token + lengths[index])], prompts[index], ended[index] == 1), rewards[index])
                {
                    Truth = truths[index],
                    Old = old[answer..(answer + said)],
                    Reference = reference[answer..(answer + said)],
                    Values = values.Length == 0 ? [] : values[answer..(answer + said)],
                });
                token += lengths[index];
                answer += said;
            }

            return new RolloutBatch(
                long.Parse(file.Metadata["iteration"], CultureInfo.InvariantCulture),
                long.Parse(file.Metadata["policy_step"], CultureInfo.InvariantCulture),
                double.Parse(file.Metadata["kl_weight"], CultureInfo.InvariantCulture),
                answers)
            {
                Metrics = ReadMetrics(file),
            };
        }
        catch (Exception exception) when (exception is KeyNotFoundException or FormatException or JsonException or ArgumentException)
        {
            throw new NoosException(ErrorKind.Damaged, $"'{path}' holds no answers of a policy; delete it to draw them anew.", exception);
        }
    }

    /// <summary>What was measured of all iterations that a folder has, in their order.</summary>
    public static IReadOnlyList<RolloutMetrics> ReadMetrics(string folder)
    {
        var all = new List<RolloutMetrics>();
        foreach (var path in Directory.Exists(folder) ? Directory.GetFiles(folder, "rollouts-*.safetensors") : [])
        {
            using var file = SafetensorsFile.Open(path);
            all.Add(ReadMetrics(file));
        }

        return [.. all.OrderBy(metrics => metrics.Iteration)];
    }

    static RolloutMetrics ReadMetrics(SafetensorsFile file) =>
        JsonSerializer.Deserialize<RolloutMetrics>(file.Metadata["metrics"], s_json) ?? throw new JsonException("There are no metrics.");

    static SafetensorsEntry Integers(string name, IEnumerable<int> values)
    {
        int[] all = [.. values];
        return new SafetensorsEntry(name, SafetensorsType.I32, [all.Length], MemoryMarshal.AsBytes(all.AsSpan()).ToArray());
    }

    static SafetensorsEntry Floats(string name, IEnumerable<float> values)
    {
        float[] all = [.. values];
        return new SafetensorsEntry(name, [all.Length], all);
    }

    static T[] Column<T>(SafetensorsFile file, string name)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(file.Data(name)).ToArray();
}
