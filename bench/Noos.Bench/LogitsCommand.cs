using System.Globalization;
using Noos.Core;
using Noos.Inference;
using Noos.Inference.Adapters;

namespace Noos.Bench;

/// <summary>
/// Log-probabilities of the whole vocabulary after some tokens, one a line: to be compared with those of another engine (llama-server gives
/// them for <c>n_probs</c>).
/// </summary>
static class LogitsCommand
{
    /// <param name="model">A GGUF file.</param>
    /// <param name="tokens">Ids, separated by commas.</param>
    /// <param name="options">lora=FILE.gguf, any number of them.</param>
    public static void Run(string model, string tokens, string[] options)
    {
        using var engine = LanguageModel.Load(model);
        var adapters = options.Select(option => option.StartsWith("lora=", StringComparison.Ordinal)
            ? new AdapterScale(engine.LoadAdapter(option["lora=".Length..]), 1)
            : throw new NoosException($"There is no option '{option}'; give lora=FILE.gguf."));
        using var context = engine.CreateContext(adapters: [.. adapters]);
        var logits = context.Append([.. tokens.Split(',').Select(token => int.Parse(token, CultureInfo.InvariantCulture))]).ToArray();
        var max = logits.Max();
        var total = Math.Log(logits.Sum(logit => Math.Exp(logit - max))) + max;
        foreach (var logit in logits)
        {
            Console.WriteLine((logit - total).ToString("r", CultureInfo.InvariantCulture));
        }
    }
}
