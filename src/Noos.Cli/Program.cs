Console.WriteLine("Noos");
