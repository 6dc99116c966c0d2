# frozen_string_literal: true

require "rails_helper"

# The signatures are valid, and they are of what is there: no more, no less.
RSpec.describe "sig/crm_sync.rbs" do
  # Outside of Bundler, where the rbs that comes with Ruby can be found. Several variables would load Bundler again.
  def rbs(code)
    env = ENV.keys.grep(/\A(BUNDLE|RUBYOPT\z|RUBYLIB\z)/).to_h { |name| [name, nil] }
    run_command(RbConfig.ruby, "-rjson", "-e", code, env:, chdir: Leftovers::CHECKOUT)
  end

  let(:read) do
    read = rbs(<<~'RUBY')
      require "rbs"
      loader = RBS::EnvironmentLoader.new
      %w[logger pathname].each { |library| loader.add(library:, version: nil) }
      loader.add(path: Pathname("sig"))
      environment = RBS::Environment.from_loader(loader).resolve_type_names
      builder = RBS::DefinitionBuilder.new(env: environment)
      names = environment.class_decls.keys.select { |name| name.to_s.start_with?("::CrmSync") }
      own = lambda do |definition, name|
        definition.methods.select { |_, method| method.public? && method.defs.any? { |one| one.implemented_in == name } }.keys
      end
      constants = environment.constant_decls.keys.select { |name| name.to_s.start_with?("::CrmSync::") }
      methods = names.to_h do |name|
        [name, [own[builder.build_instance(name), name], own[builder.build_singleton(name), name]]]
      end
      puts JSON.generate(methods:, constants:)
    RUBY
    skip "rbs is not installed" if read.stderr.include?("cannot load such file -- rbs")
    raise read.stderr unless read.success?

    JSON.parse(read.stdout)
  end

  let(:declared) do
    read["methods"].to_h do |name, lists|
      [name.constantize, lists.map { |list| list.map(&:to_sym) - [:initialize] }]
    end
  end

  # What a program can name, from all that the gem loads; in one without specs, which make constants of their own.
  let(:nameable) do
    code = <<~'RUBY'
      walk = lambda do |place|
        # In order, so that Active Record comes with ContactSync before the models that need it.
        found = place.constants(false).sort.to_h { |name| ["#{place}::#{name}", place.const_get(name)] }
        found.flat_map { |name, value| value.is_a?(Module) && value.name == name ? [name, *walk[value]] : [name] }
      end
      puts walk[CrmSync]
    RUBY
    libraries = %w[crm_sync crm_sync/testing crm_sync/command_line].map { |name| "-r#{name}" }
    result = run_command(RbConfig.ruby, "-Ilib", *libraries, "-e", code, chdir: Leftovers::CHECKOUT)
    raise result.stderr unless result.success?

    result.stdout.lines(chomp: true)
  end

  # Public, and neither inherited nor marked as private in its comment.
  def documented(methods)
    methods.reject do |method|
      file, line = method.source_location
      next true unless file&.start_with?(File.join(Leftovers::CHECKOUT, "lib"))

      above = File.readlines(file).first(line - 1).reverse.take_while { |text| text.match?(/^ *(#|attr_)/) }
      above.grep(/@api private/).any? || method.name == :inspect
    end
  end

  it "is valid" do
    result = rbs('ARGV.replace(%w[-r monitor -r logger -r pathname -I sig validate]); load Gem.bin_path("rbs", "rbs")')
    skip "rbs is not installed" if result.stderr.include?("can't find gem rbs")
    expect(result).to be_success, result.stderr
  end

  it "names only what is there" do
    declared.each do |place, (instance, singleton)|
      expect(instance.reject { |name| place.method_defined?(name) }).to be_empty, "#{place}: #{instance}"
      expect(singleton - [:new]).to all(satisfy { |name| place.respond_to?(name) }), place.name
    end
  end

  it "names every constant that can be named, and no other: what is internal is a private constant" do
    named = [*read["methods"].keys, *read["constants"]].map { |name| name.delete_prefix("::") } - ["CrmSync"]
    expect(nameable - named).to eq([])
    expect(named - nameable).to eq([])
  end

  it "names all that is public" do
    declared.each do |place, (instance, singleton)|
      instances = place.public_instance_methods(false).map { |name| place.instance_method(name) }
      singletons = place.singleton_methods(false).map { |name| place.method(name) }
      expect(documented(instances).map(&:name) - instance).to eq([]), place.name
      expect(documented(singletons).map(&:name) - singleton).to eq([]), place.name
    end
  end
end
