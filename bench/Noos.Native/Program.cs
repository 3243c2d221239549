using System.Diagnostics;
using Noos.Inference;
using Noos.Inference.Generation;
using Noos.Inference.Sampling;

// The engine as one native program without the .NET runtime: noos-native MODEL.gguf TEXT TOKENS [THREADS]
// Standard output gets the greedy continuation of the text as token numbers, standard error how long it took.

using var model = LanguageModel.Load(args[0], new InferenceOptions { Threads = args.Length > 3 ? int.Parse(args[3]) : 0 });
using var context = model.CreateContext();
var tokens = new List<int>();
var watch = new Stopwatch();
var options = new SamplingOptions { Temperature = 0, MaxTokens = int.Parse(args[2]) };
foreach (var token in new Generator().Generate(context, model.Tokenizer.Encode(args[1]), options))
{
    if (tokens.Count == 0)
    {
        Console.Error.WriteLine(
            $"{(DateTime.Now - Process.GetCurrentProcess().StartTime).TotalMilliseconds:F0} ms from the start of the process to the "
            + "first token");
        watch.Start();
    }

    tokens.Add(token);
}

Console.Error.WriteLine($"{(tokens.Count - 1) / watch.Elapsed.TotalSeconds:F0} tokens/s after it");
Console.WriteLine(string.Join(' ', tokens));
