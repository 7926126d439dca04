Console.WriteLine("RalmActors");
