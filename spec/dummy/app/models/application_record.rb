# frozen_string_literal: true

# The base class of the app's models.
class ApplicationRecord < ActiveRecord::Base
  self.abstract_class = true

  # Rails 6.1 takes an enum as keywords only, Rails 8 as a name and values only.
  def self.choices(name, **values)
    Rails::VERSION::MAJOR < 7 ? enum(name => values) : enum(name, values)
  end
end
