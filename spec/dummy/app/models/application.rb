# frozen_string_literal: true

# A client app that users sign in to.
class Application < ApplicationRecord
  has_many :application_users, dependent: :destroy, inverse_of: :application
end
