using System.IO.Hashing;
using System.Text;
using Noos.Core;
using Noos.Corpus.Rows;
using Noos.Courses;
using Noos.Courses.Experts;
using Noos.Factory.Rewards;
using Noos.Language.Tokenization;
using Noos.Training.Reinforcement;

namespace Noos.Factory.Policies;

/// <summary>
/// Questions with the truth about their answers, each pass over them in another order. Immutable and thread-safe.
/// </summary>
public sealed class PolicyPrompts : IPromptSource
{
    readonly ExpertPrompt[] _prompts;
    readonly RolloutPrompt[] _tokens;
    readonly ulong _seed;

    /// <param name="prompts">The questions; those that leave no room for an answer are left out.</param>
    /// <param name="format">The layout of the policy.</param>
    /// <param name="maxPrompt">Longest prompt in tokens.</param>
    /// <param name="seed">The order.</param>
    /// <exception cref="NoosException">None has room.</exception>
    public PolicyPrompts(IEnumerable<ExpertPrompt> prompts, ChatFormat format, int maxPrompt, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(format);
        var rendered = prompts.Select(prompt => (prompt, Tokens: format.RenderPrompt(prompt.Prompt)))
            .Where(item => item.Tokens.Length <= maxPrompt).ToArray();
        if (rendered.Length == 0)
        {
            throw new NoosException(
                $"No question has room in {maxPrompt} tokens; choose a model with a longer context, or shorter answers.");
        }

        _prompts = [.. rendered.Select(item => item.prompt)];
        _tokens = [.. rendered.Select((item, number) => new RolloutPrompt(number, item.Tokens))];
        _seed = seed;
        var hash = new XxHash3();
        foreach (var prompt in _prompts)
        {
            hash.Append(Encoding.UTF8.GetBytes(prompt.Question));
        }

        Name = $"{_prompts.Length} prompts {Convert.ToHexStringLower(hash.GetCurrentHash())}";
    }

    public string Name { get; }

    public int Count => _prompts.Length;

    /// <summary>The question of a number.</summary>
    public ExpertPrompt this[int number] => _prompts[number];

    /// <summary>So many questions of the generators, without those of examinations unless they are for measuring.</summary>
    public static PolicyPrompts Create(
        int count, int seed, IEnumerable<ICourse> courses, ChatFormat format, int maxPrompt, IReadOnlyList<string>? generators = null,
        bool isExamination = false) => new(
            ExpertPreferences.Prompts(seed, courses, generators, isExamination).Take(count), format, maxPrompt, (ulong)seed);

    public RolloutPrompt Read(long index)
    {
        var (pass, place) = Math.DivRem(index, _tokens.Length);
        return _tokens[(int)new Permutation(_tokens.Length, Permutation.Mix(_seed, (ulong)pass))[place]];
    }

    /// <summary>The first so many, in their own order.</summary>
    public IReadOnlyList<RolloutPrompt> First(int count) => [.. _tokens.Take(count)];
}
