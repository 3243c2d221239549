// The engine, the tool loop and the tools as one native program without the .NET runtime: noos-native MODEL.gguf TEXT TOKENS
// Standard output gets the greedy continuation of the text as token numbers, then the answer to the text as a question, tool calls
// included; standard error gets how long it took.
using System.Diagnostics;
using Noos.Inference;
using Noos.Kernel;
using Noos.Language.Conversations;
using Noos.Tools;

using var model = LanguageModel.Load(args[0]);
using (var context = model.CreateContext())
{
    var generator = new Generator();
    var tokens = new List<int>();
    var watch = Stopwatch.StartNew();
    foreach (var token in generator.Generate(context, model.Tokenizer.Encode(args[1]), new SamplingOptions { Temperature = 0, MaxTokens = int.Parse(args[2]) }))
    {
        if (tokens.Count == 0)
        {
            Console.Error.WriteLine($"{(DateTime.Now - Process.GetCurrentProcess().StartTime).TotalMilliseconds:F0} ms from the start of the process to the first token");
            watch.Restart();
        }

        tokens.Add(token);
    }

    Console.Error.WriteLine($"{(tokens.Count - 1) / watch.Elapsed.TotalSeconds:F0} tokens/s");
    Console.WriteLine(string.Join(' ', tokens));
}

using var assistant = new Assistant(new LocalChatClient(LanguageModel.Load(args[0]), new SamplingOptions { Temperature = 0 }), Toolbox.All);
var trace = new Noos.Kernel.Trace();
await foreach (var item in assistant.AnswerAsync(Conversation.Of(Message.User(args[1]))))
{
    trace.Add(item);
}

foreach (var call in trace.Calls)
{
    Console.WriteLine(CallNotation.Write(call.Name, call.Arguments));
}

Console.WriteLine(trace.Answer);
