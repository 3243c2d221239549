using System.CommandLine;
using System.Threading.Channels;
using Noos.Cli.Terminal;
using Noos.Core;
using Noos.Core.Settings;
using Noos.Cpus;
using Noos.Cpus.Local;
using Noos.Inference;
using Noos.Inference.Adapters;
using Noos.Inference.Constraints;
using Noos.Inference.Generation;
using Noos.Inference.Sampling;
using Noos.Language.Tokenization;

namespace Noos.Cli.Chat;

/// <summary><c>noos complete TEXT</c></summary>
static class CompleteCommand
{
    public static Command Create(NoosSettings settings)
    {
        var text = new Argument<string[]>("text")
        {
            Description = "The beginning; the model goes on. Several words need no quotes.",
            Arity = ArgumentArity.OneOrMore,
        };
        var tokens = new Option<int>("--tokens", "-n", "--max-tokens")
        {
            Description = "Most tokens to write; -1 for no limit but the context.",
            DefaultValueFactory = _ => 200,
        };
        tokens.Validators.Add(result =>
        {
            if (result.TryGetValue<int>(out var count) && count is < -1 or 0)
            {
                result.AddError("The number of tokens must be at least 1, or -1 for no limit.");
            }
        });
        var command = new CommandWithExamples(
            "complete",
            "Let the base model continue a text.",
            "noos complete \"Once upon a time\"",
            "noos complete \"The sea is\" --tokens 50 --temperature 0.8 --seed 1");
        command.Arguments.Add(text);
        command.Options.Add(tokens);
        var options = ModelOptions.AddTo(command, settings, isForText: true);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var generation = options.Generation(parsed);
            using var model = ModelSource.OpenBase(options.Read(parsed));
            var contextLength = options.Read(parsed).ContextLength;
            var advised = model.AdvisedSampling.Temperature > 0
                ? model.AdvisedSampling
                : new SamplingOptions { Temperature = 0.8f, TopP = 0.95f };
            var sampling = generation.ApplyTo(advised with { MaxTokens = ModelOptions.Unlimited(parsed.GetValue(tokens))!.Value });
            // A continuation has no calls, and no guard that would stop the circles into which greedy spans lead more often.
            sampling = sampling with { GreedySpans = generation.GreedySpans ?? false };
            var adapters = ModelSource.LoadAdapters(model, options.Adapters(parsed));
            if (generation.ResponseFormat?.Extractive is not null)
            {
                throw new NoosException("A continuation has no passages to be taken from; use --extractive with 'noos ask'.");
            }

            var constraint = generation.ResponseFormat?.Grammar is { } grammar
                ? new GrammarConstraint(TextGrammar.ParseGbnf(model.Tokenizer, grammar))
                : null;
            await WriteAsync(
                model, contextLength, adapters, string.Join(' ', parsed.GetRequiredValue(text)), sampling, constraint, cancellationToken);
            return 0;
        });
        return command;
    }

    static async Task WriteAsync(
        LanguageModel model, int? contextLength, IReadOnlyList<AdapterScale> adapters, string text, SamplingOptions sampling,
        ITokenConstraint? constraint, CancellationToken cancellationToken)
    {
        using var context = model.CreateContext(Math.Min(contextLength ?? int.MaxValue, model.Config.ContextLength), adapters);
        var decoder = new StreamingTextDecoder(model.Tokenizer);
        var prompt = model.Tokenizer.EncodeDocument(text);
        Console.Out.Write(text);
        // The engine does not wait for the terminal.
        var tokens = Channel.CreateUnbounded<int>();
        var work = GenerateAsync();
        await foreach (var token in tokens.Reader.ReadAllAsync(CancellationToken.None))
        {
            Console.Out.Write(decoder.Push(token));
            Console.Out.Flush();
        }

        await work;
        Console.Out.WriteLine(decoder.Flush());

        async Task GenerateAsync()
        {
            try
            {
                await new Generator().RunAsync(context, prompt, sampling, tokens.Writer.TryWrite, constraint, cancellationToken);
            }
            finally
            {
                tokens.Writer.Complete();
            }
        }
    }
}
