using System.Text.Json;
using Noos.Core;
using Noos.Core.Storage;
using Noos.Language.Models;
using Noos.Language.Tokenization;
using Noos.Training.Torch;

namespace Noos.Factory.Rewards;

/// <summary>
/// The reward models of a folder that 'noos reward' has filled, scaled so that the rewards of held-out answers have mean 0 and deviation 1.
/// One caller at a time.
/// </summary>
public sealed class RewardEnsemble : IDisposable
{
    internal const string FileName = "reward.json";
    internal const string TokenizerName = "tokenizer.json";
    const double VarianceWeight = 0.5;

    static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
    };

    readonly RewardModel[] _members;
    readonly RewardEnsembleInfo _info;

    RewardEnsemble(RewardModel[] members, RewardEnsembleInfo info, Tokenizer tokenizer)
    {
        (_members, _info) = (members, info);
        Format = new ChatFormat(tokenizer);
    }

    /// <summary>The layout in which it reads conversations.</summary>
    public ChatFormat Format { get; }

    /// <summary>Longest answer with its prompt, in tokens.</summary>
    public int ContextLength => _info.Model.ContextLength;

    public int MemberCount => _members.Length;

    /// <summary>How its members' scores become one.</summary>
    public RewardCombination Combination { get; init; } = RewardCombination.Variance;

    /// <summary>Names the ensemble by content.</summary>
    public string Fingerprint => _info.Fingerprint;

    /// <exception cref="NoosException">The folder holds no ensemble, or a damaged one.</exception>
    public static RewardEnsemble Open(string folder, int workers = 2, RewardCombination combination = RewardCombination.Variance)
    {
        var info = ReadInfo(folder);
        TorchRuntime.Initialize();
        var members = new List<RewardModel>();
        try
        {
            foreach (var member in Enumerable.Range(0, info.Members))
            {
                members.Add(RewardModel.Open(RunOf(folder, member), info.Model, workers));
            }

            var tokenizer = Tokenizer.Load(Path.Combine(folder, TokenizerName));
            return new RewardEnsemble([.. members], info, tokenizer) { Combination = combination };
        }
        catch
        {
            members.ForEach(member => member.Dispose());
            throw;
        }
    }

    /// <summary>The score of each answer.</summary>
    /// <param name="answers">Tokens of prompt and answer in this ensemble's vocabulary; longer ones are read from their end.</param>
    public double[] Score(IReadOnlyList<int[]> answers)
    {
        ArgumentNullException.ThrowIfNull(answers);
        var rows = answers.Select(tokens =>
            RewardRows.RowOf(tokens[Math.Max(0, tokens.Length - ContextLength)..], Format.Tokenizer.EndOfText)).ToArray();
        var scores = _members.Select(member => member.Score(rows)).ToArray();
        return [.. rows.Select((_, row) => Combine([.. scores.Select((member, index) => Scale(index, member[row]))]))];
    }

    public void Dispose() => Array.ForEach(_members, member => member.Dispose());

    /// <summary>The run of one member, from 0.</summary>
    internal static string RunOf(string folder, int member) => Path.Combine(folder, $"member-{member + 1}");

    internal static void WriteInfo(string folder, RewardEnsembleInfo info)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(info, s_json);
        AtomicFile.Write(Path.Combine(folder, FileName), stream => stream.Write(json));
    }

    static RewardEnsembleInfo ReadInfo(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            throw new NoosException(
                ErrorKind.NotFound, $"There is no reward model in '{folder}'; train one with 'noos reward --to {folder}', to its end.");
        }

        try
        {
            return JsonSerializer.Deserialize<RewardEnsembleInfo>(File.ReadAllBytes(path), s_json) is { Members: > 0 } info
                && info.Means.Count == info.Members && info.Deviations.Count == info.Members
                ? info
                : throw new JsonException("It says nothing of its members.");
        }
        catch (Exception exception) when (exception is JsonException or IOException)
        {
            throw new NoosException(ErrorKind.Damaged, $"'{path}' cannot be read; run the same 'noos reward' again.", exception);
        }
    }

    double Scale(int member, double score) => (score - _info.Means[member]) / _info.Deviations[member];

    double Combine(ReadOnlySpan<double> scores)
    {
        double sum = 0;
        double least = double.PositiveInfinity;
        foreach (var score in scores)
        {
            sum += score;
            least = Math.Min(least, score);
        }

        var mean = sum / scores.Length;
        double variance = 0;
        foreach (var score in scores)
        {
            variance += (score - mean) * (score - mean) / scores.Length;
        }

        return Combination switch
        {
            RewardCombination.Worst => least,
            RewardCombination.Mean => mean,
            _ => mean - (VarianceWeight * variance),
        };
    }
}

/// <summary>What the file beside the members says of them.</summary>
sealed record RewardEnsembleInfo(TransformerConfig Model, int Members, string Fingerprint)
{
    /// <summary>Mean of each member's scores of held-out answers.</summary>
    public IReadOnlyList<double> Means { get; init; } = [];

    /// <summary>Their standard deviation.</summary>
    public IReadOnlyList<double> Deviations { get; init; } = [];

    /// <summary>What was measured.</summary>
    public RewardReport? Report { get; init; }
}
