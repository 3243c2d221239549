using Noos.Kernel.Tracing;

namespace Noos.Server.Answers;

/// <summary>What the answers to a request cost, over all runs of the model; to be told what happens.</summary>
sealed class AnswerUsage
{
    public long PromptTokens { get; private set; }

    /// <summary>Those of the prompts that cost nothing.</summary>
    public long CachedTokens { get; private set; }

    public long GeneratedTokens { get; private set; }

    /// <summary>Those of thoughts; 0 where the model runs elsewhere.</summary>
    public long ThoughtTokens { get; private set; }

    /// <param name="traces">The answers.</param>
    /// <param name="count">So many to the same question.</param>
    public static AnswerUsage From(IReadOnlyList<Trace> traces, int count = 1)
    {
        var usage = new AnswerUsage();
        for (var index = 0; index < traces.Count; index++)
        {
            foreach (var item in traces[index].Events)
            {
                usage.Add(item, countsPrompt: index % count == 0);
            }
        }

        return usage;
    }

    /// <param name="item">What happened.</param>
    /// <param name="countsPrompt">It is the first of the answers to the same question, which is counted once.</param>
    public void Add(TraceEvent item, bool countsPrompt = true)
    {
        switch (item)
        {
            case ThoughtEvent thought:
                ThoughtTokens += thought.TokenIds?.Count ?? 0;
                break;
            case ModelRunEvent run:
                PromptTokens += countsPrompt ? run.PromptTokens : 0;
                CachedTokens += countsPrompt ? run.CachedTokens : 0;
                GeneratedTokens += run.GeneratedTokens;
                break;
            default:
                break;
        }
    }
}
