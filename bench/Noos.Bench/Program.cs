using Noos.Bench;
using Noos.Language;

try
{
    switch (args)
    {
        case ["tokenizer", var tokenizer, var format, .. var files] when files.Length > 0:
            TokenizerComparison.Run(tokenizer, format, files);
            return 0;
        case ["decode", var model, .. var threads] when threads.Length > 0:
            DecodeSpeed.Run(model, threads);
            return 0;
        case ["train"]:
            TrainingSpeed.Run();
            return 0;
        default:
            Console.Error.WriteLine("Usage: Noos.Bench decode MODEL.gguf THREADS...");
            Console.Error.WriteLine("       Noos.Bench train");
            Console.Error.WriteLine("       Noos.Bench tokenizer TOKENIZER.json FORMAT FILE...   (FORMAT as in a recipe, such as answers or text)");
            return 2;
    }
}
catch (NoosException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}
